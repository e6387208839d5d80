import type { Identity, Processes } from './identity';
import type { Observations } from './observations';
import { NO_PID } from './record';
import type { LockRecord } from './types';

export type Verdict =
  | { readonly kind: 'free' }
  | { readonly kind: 'dead'; readonly why: string }
  | { readonly kind: 'live'; readonly where: 'here' | 'this-machine' | 'other-host' };

export interface JudgeInput {
  readonly self: Identity;
  readonly processes: Processes;
  readonly observations: Observations;
  readonly staleAfterMs: number;
}

/** Whether the process that wrote a record may still be at work. Doubt means live: a suspended process can wake. */
export function judge(record: LockRecord, { self, processes, observations, staleAfterMs }: JudgeInput): Verdict {
  if (record.state === 'free' || record.pid === NO_PID) return { kind: 'free' };
  if (record.host === undefined) {
    // The command-line Weld writes no more than a pid, and it means this machine.
    return processes.mayLive(record.pid, undefined)
      ? { kind: 'live', where: 'this-machine' }
      : { kind: 'dead', why: `process ${record.pid} is gone` };
  }
  if (sameMachine(record, self)) {
    if (!processes.mayLive(record.pid, record.pid_started_at))
      return { kind: 'dead', why: `process ${record.pid} is gone` };
    return { kind: 'live', where: record.pid === self.pid ? 'here' : 'this-machine' };
  }
  if (
    record.host === self.host &&
    record.boot_id !== undefined &&
    self.boot_id !== undefined &&
    record.boot_id !== self.boot_id
  )
    return { kind: 'dead', why: 'the machine was started again since' };
  // It runs on this machine, paused perhaps, where its pid says nothing to us: only a person may displace it.
  if (record.boot_id !== undefined && record.boot_id === self.boot_id) return { kind: 'live', where: 'other-host' };
  const silentMs = observations.unchangedFor(record);
  if (silentMs >= staleAfterMs)
    return { kind: 'dead', why: `${record.host} has given no sign for ${Math.round(silentMs / 1000)} s` };
  return { kind: 'live', where: 'other-host' };
}

/**
 * A boot id names one run of one machine, also when its host name has changed meanwhile; a container shares it but not
 * the pids.
 */
function sameMachine(record: LockRecord, self: Identity): boolean {
  if (record.boot_id !== undefined && self.boot_id !== undefined)
    return record.boot_id === self.boot_id && record.pid_ns === self.pid_ns;
  return record.host === self.host && record.pid_ns === self.pid_ns;
}
