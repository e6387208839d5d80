import { randomUUID } from 'node:crypto';
import { type Claim, closeClaims } from './claim';
import { nodeFs } from './fs';
import { type Processes, SystemProcesses } from './identity';
import { LockNames } from './lockNames';
import { runNow } from './program';
import { localTime } from './record';
import type { LockMechanism, LockRecord, LockRequest } from './runLock';
import { Observations, type SurveyInput } from './survey';

/** Time in ms after which another host's record that does not change is stale. */
const STALE_AFTER_MS = 60_000;

/** Maximum length of the texts in a record, in characters, so that it stays far below `MAX_RECORD_BYTES`. */
const MAX_LENGTH = { runId: 200, command: 1000 };

/** The state that this process keeps for the lock of one `.weld` folder. */
export class LockContext {
  readonly names: LockNames;
  /** How the lock of this folder works; undefined until it is known. */
  mechanism: LockMechanism | undefined;
  /** Measures how long records of other hosts are unchanged, from the first time that each is read. */
  private readonly observations = new Observations(() => performance.now());
  private ownClaims: readonly Claim[] = [];

  /** @param weldDir absolute path of the `.weld` folder */
  constructor(
    weldDir: string,
    private readonly processes: Processes = new SystemProcesses(),
  ) {
    this.names = new LockNames(weldDir);
  }

  /** @param staleAfterMs time in ms after which another host's unchanged record is stale */
  surveyInput(staleAfterMs: number = STALE_AFTER_MS): SurveyInput {
    const { names, observations, processes } = this;
    return { names, observations, processes, self: processes.self(), staleAfterMs, now: Date.now() };
  }

  /** @returns the record of a new claim; its epoch is set by the claim */
  newRecord(request: LockRequest): LockRecord & { readonly token: string } {
    const now = Date.now();
    const { pid, ...identity } = this.processes.self();
    const at = localTime(now);
    return {
      pid,
      run_id: request.runId.slice(0, MAX_LENGTH.runId),
      command: request.command.slice(0, MAX_LENGTH.command),
      operation: request.operation,
      step: request.step,
      started_at: at,
      last_heartbeat: at,
      ...identity,
      token: randomUUID(),
      epoch: 0,
      started_at_ms: now,
      heartbeat_at_ms: now,
      state: 'held',
      holder_pid: pid,
    };
  }

  /**
   * This process's last claims: released, but still open. As long as no other process has made a claim after them, the
   * next acquisition reads nothing, and reuses the file of the oldest one.
   * @returns the claims, the oldest first; the caller closes them from now on
   */
  takeClaims(): readonly Claim[] {
    const claims = this.ownClaims;
    this.ownClaims = [];
    return claims;
  }

  /** @param claims released, their descriptors still open; this object closes them */
  keepClaims(claims: readonly Claim[]): void {
    this.closeClaims();
    this.ownClaims = claims;
  }

  /** Closes the descriptors of the claims that are kept for the next acquisition. */
  closeClaims(): void {
    runNow(nodeFs, closeClaims(this.takeClaims()));
  }
}
