import { randomUUID } from 'node:crypto';
import { realProcesses } from './identity';
import { LockNames } from './names';
import { localTime } from './record';
import type { LockRecord, LockRequest } from './runLock';
import { Observations, type SurveyInput } from './survey';

/** Time in ms after which another host's record that does not change is stale. */
const STALE_AFTER_MS = 60_000;

/** One memory a process and folder: whoever looks first starts the clock for a record of another host. */
const known = new Map<string, Pick<SurveyInput, 'names' | 'observations'>>();

function knownOf(weldDir: string): Pick<SurveyInput, 'names' | 'observations'> {
  let folder = known.get(weldDir);
  if (!folder)
    known.set(
      weldDir,
      (folder = { names: new LockNames(weldDir), observations: new Observations(() => performance.now()) }),
    );
  return folder;
}

export function lockNames(weldDir: string): LockNames {
  return knownOf(weldDir).names;
}

/** @param staleAfterMs how long another host may be silent */
export function surveyInput(weldDir: string, staleAfterMs: number = STALE_AFTER_MS): SurveyInput {
  return { ...knownOf(weldDir), self: realProcesses.self(), processes: realProcesses, staleAfterMs, now: Date.now() };
}

/** A record has to stay far below the size at which readers give up. */
const LONGEST = { runId: 200, command: 1000 };

/** The record of a new claim, all but its epoch. */
export function newRecord(request: LockRequest): LockRecord & { readonly token: string } {
  const now = Date.now();
  const { pid, ...identity } = realProcesses.self();
  const at = localTime(now);
  return {
    pid,
    run_id: request.runId.slice(0, LONGEST.runId),
    command: request.command.slice(0, LONGEST.command),
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
