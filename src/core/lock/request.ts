import { randomUUID } from 'node:crypto';
import { realProcesses, type Identity } from './identity';
import { LockNames } from './names';
import { Observations } from './observations';
import { localTime } from './record';
import type { SurveyInput } from './survey';
import type { LockRecord, LockRequest } from './types';

/** One memory a process and folder: whoever looks first starts the clock for a record of another host. */
const known = new Map<string, Pick<SurveyInput, 'names' | 'observations'>>();

/** @param staleAfterMs how long another host may be silent */
export function surveyInput(weldDir: string, staleAfterMs: number): SurveyInput {
  let folder = known.get(weldDir);
  if (!folder) known.set(weldDir, (folder = { names: new LockNames(weldDir), observations: new Observations(() => performance.now()) }));
  return { ...folder, self: realProcesses.self(), processes: realProcesses, staleAfterMs, now: Date.now() };
}

/** A record has to stay far below the size at which readers give up. */
const LONGEST = { runId: 200, command: 1000 };

/** The record of a new claim, all but its epoch. @param self this process */
export function newRecord(request: LockRequest, self: Identity): LockRecord & { readonly token: string } {
  const now = Date.now();
  const { pid, ...identity } = self;
  const at = localTime(now);
  return {
    pid, run_id: request.runId.slice(0, LONGEST.runId), command: request.command.slice(0, LONGEST.command), started_at: at, last_heartbeat: at,
    ...identity, token: randomUUID(), epoch: 0, started_at_ms: now, heartbeat_at_ms: now, state: 'held', holder_pid: pid,
  };
}
