import { close, look } from './look';
import type { Program } from './program';
import { end, type SurveyInput, survey } from './survey';
import type { LockRecord } from './types';

/**
 * Who displaced the holder of this record. Its claim is the one after, and stays for some time, so it can be told also
 * when that one has given the lock back since. @returns null when it cannot be told
 */
export function* successorOf(input: SurveyInput, own: LockRecord): Program<LockRecord | null> {
  const next = own.epoch === undefined ? null : yield* look(input.names.claim(own.epoch + 1));
  yield* close(next);
  if (next?.record) return named(next.record);
  const found = yield* survey(input);
  yield* end(found);
  return found.holder && found.state !== 'free' && found.holder.token !== own.token ? named(found.holder) : null;
}

/** A record that was given up has lost its pid; what it was stands beside. */
function named(record: LockRecord): LockRecord {
  return record.holder_pid === undefined ? record : { ...record, pid: record.holder_pid };
}
