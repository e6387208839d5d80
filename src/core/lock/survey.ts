import { isErrno, WeldError } from '../util/errors';
import { type FileStat, type Handle, sameFile } from './fs';
import type { Identity, Processes } from './identity';
import { claimName, type LockNames } from './lockNames';
import { io, type Program } from './program';
import { describeLock, MAX_RECORD_BYTES, NO_PID, parseRecord } from './record';
import { LockHeldError, type LockRecord, type LockState } from './runLock';

/** The state of the lock on disk. `end` closes the files that the survey keeps open. */
export interface Survey {
  readonly state: 'free' | 'dead' | 'live' | 'unreadable';
  readonly where?: 'here' | 'this-machine' | 'other-host';
  readonly why: string;
  /** The record that was judged; null when there is no readable one. */
  readonly holder: LockRecord | null;
  /** The number of the highest claim; 0 also when there is none. */
  readonly epoch: number;
  /** Null when the log is empty. */
  readonly head: LockFileSnapshot | null;
  readonly face: LockFileSnapshot | null;
  /** The face's record has a higher epoch than every claim: the folder of claims was lost. */
  readonly lostLog: boolean;
}

export interface SurveyInput extends JudgeInput {
  readonly names: LockNames;
  /** Wall-clock ms since 1970. */
  readonly now: number;
}

/** Reads and judges the lock; writes nothing. */
export function* survey(input: SurveyInput): Program<Survey> {
  for (;;) {
    // The face is read first: a successor makes its claim before its face, so a head read later is never older.
    const face = yield* readLockFile(input.names.face);
    const highest = yield* io.highestClaim(input.names.folder);
    const epoch = highest ?? 0;
    const head = highest === null ? null : yield* headOf(input.names.claim(highest), highest, face);
    // A head that is no longer the highest may not even be the claim that was found: after it was collected, a process
    // that slept may have linked its own claim under that name.
    if (highest !== null && (!head || (yield* io.highestClaim(input.names.folder)) !== highest)) {
      yield* end({ face, head });
      continue;
    }
    return { ...conclude(input, face, head, epoch), epoch, head, face };
  }
}

/**
 * Usually the face is the head's and has been read already. Its record must have the head's epoch too: the file may
 * have been raised from an older claim after it was read.
 */
function* headOf(file: string, epoch: number, face: LockFileSnapshot | null): Program<LockFileSnapshot | null> {
  return face?.record?.epoch === epoch && (yield* io.is(file, face.stat)) ? face : yield* readLockFile(file);
}

export function* end({ face, head }: Pick<Survey, 'face' | 'head'>): Program<void> {
  yield* close(face);
  if (head !== face) yield* close(head);
}

type Conclusion = Omit<Survey, 'epoch' | 'head' | 'face'>;

function conclude(
  input: SurveyInput,
  face: LockFileSnapshot | null,
  head: LockFileSnapshot | null,
  epoch: number,
): Conclusion {
  const foreign = face && !sameFile(face.stat, head?.stat ?? null) ? foreignFace(input, face, epoch) : null;
  if (foreign && (foreign.state === 'live' || foreign.state === 'unreadable' || foreign.lostLog)) return foreign;
  const own = ofHead(input, head, epoch);
  // A leftover face on a free lock is reported, because it is about to be removed.
  return own.state === 'free' && foreign ? foreign : own;
}

function ofHead(input: SurveyInput, head: LockFileSnapshot | null, epoch: number): Conclusion {
  if (!head) return { state: 'free', why: '', holder: null, lostLog: false };
  if (!head.record) return unreadable(input, head, `lock/${claimName(epoch)}`);
  return asConclusion(judge(head.record, input), head.record, false);
}

/**
 * Judges a face that is not the head's: it is the command-line Weld's, damaged, or its log was lost.
 * @returns null when it is the face of an older claim
 */
function foreignFace(input: SurveyInput, face: LockFileSnapshot, epoch: number): Conclusion | null {
  if (!face.record) return unreadable(input, face, 'active.lock');
  const of = face.record.epoch;
  if (of === undefined) return asConclusion(judge(face.record, input), face.record, false);
  return of > epoch ? asConclusion(judge(face.record, input), face.record, true) : null;
}

function asConclusion(verdict: Verdict, holder: LockRecord, lostLog: boolean): Conclusion {
  if (verdict.kind === 'live') return { state: 'live', where: verdict.where, why: '', holder, lostLog };
  return { state: verdict.kind, why: verdict.kind === 'dead' ? verdict.why : '', holder, lostLog };
}

/** Another process may be writing the file now, so it counts as held while it is fresh; later it is left over. */
function unreadable(
  { now, observations, staleAfterMs }: SurveyInput,
  snapshot: LockFileSnapshot,
  what: string,
): Conclusion {
  const standing = observations.unchanged(`${snapshot.stat.ino} ${snapshot.stat.mtimeMs} ${snapshot.stat.size}`);
  // A time far in the future means that the clock was set back since, so no process can be writing the file now.
  const age = Math.abs(now - snapshot.stat.mtimeMs);
  // Only a regular file that can be read is the lock's to remove.
  const removable = snapshot.stat.kind === 'file' && snapshot.handle !== null;
  const old = removable && (age >= staleAfterMs || standing >= staleAfterMs);
  return { state: old ? 'dead' : 'unreadable', why: `${what}: ${snapshot.fault}`, holder: null, lostLog: false };
}

/** A lock file as it was read. It stays open while it is judged, because a closed file's inode number can be reused. */
export interface LockFileSnapshot {
  /** Null when it is not a file or cannot be opened. */
  readonly handle: Handle | null;
  readonly stat: FileStat;
  /** Null when the content is not a record; then `fault` says why. */
  readonly record: LockRecord | null;
  readonly fault: string;
}

/** @returns null when there is no file of that name */
export function* readLockFile(file: string): Program<LockFileSnapshot | null> {
  // Usually there is no file, and an exception costs more than this check.
  if (!(yield* io.exists(file)) && !(yield* io.lstat(file))) return null;
  let handle: Handle;
  try {
    handle = yield* io.openRead(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    return yield* unopened(file, error);
  }
  try {
    const stat = yield* io.fstat(handle);
    if (stat.kind !== 'file')
      return yield* shut(handle, stat, stat.kind === 'folder' ? 'it is a folder' : 'it is not a regular file');
    if (stat.size > MAX_RECORD_BYTES) return { handle, stat, record: null, fault: `it is ${stat.size} bytes long` };
    const record = parseRecord(yield* io.read(handle, MAX_RECORD_BYTES));
    return typeof record === 'string'
      ? { handle, stat, record: null, fault: record }
      : { handle, stat, record, fault: '' };
  } catch (error) {
    yield* io.close(handle);
    throw error;
  }
}

export function* close(snapshot: LockFileSnapshot | null): Program<void> {
  if (snapshot && snapshot.handle !== null) yield* io.close(snapshot.handle);
}

function* shut(handle: Handle, stat: FileStat, fault: string): Program<LockFileSnapshot> {
  yield* io.close(handle);
  return { handle: null, stat, record: null, fault };
}

function* unopened(file: string, error: unknown): Program<LockFileSnapshot | null> {
  const stat = yield* io.lstat(file);
  if (!stat) return null;
  if (isErrno(error, 'ELOOP', 'EMLINK')) return { handle: null, stat, record: null, fault: 'it is a symbolic link' };
  if (isErrno(error, 'EACCES', 'EPERM')) return { handle: null, stat, record: null, fault: 'permission denied' };
  return {
    handle: null,
    stat,
    record: null,
    fault: `it cannot be opened (${isErrno(error) ? String(error.code) : 'unknown'})`,
  };
}

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

/** Judges whether the process that wrote a record may still work. Doubt means live: a suspended process can wake. */
export function judge(record: LockRecord, { self, processes, observations, staleAfterMs }: JudgeInput): Verdict {
  if (record.state === 'free' || record.pid === NO_PID) return { kind: 'free' };
  if (record.host === undefined) {
    // The command-line Weld writes only a pid, which is one of this machine.
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
    return { kind: 'dead', why: 'the machine has restarted since' };
  // It runs on this machine, perhaps paused, where we cannot check its pid: only a person may displace it.
  if (record.boot_id !== undefined && record.boot_id === self.boot_id) return { kind: 'live', where: 'other-host' };
  const silentMs = observations.unchangedFor(record);
  if (silentMs >= staleAfterMs)
    return { kind: 'dead', why: `${record.host} has not responded for ${Math.round(silentMs / 1000)} s` };
  return { kind: 'live', where: 'other-host' };
}

/**
 * A boot id names one start of one machine, even when its host name changes. A container has the same boot id but its
 * own pids.
 */
function sameMachine(record: LockRecord, self: Identity): boolean {
  if (record.boot_id !== undefined && self.boot_id !== undefined)
    return record.boot_id === self.boot_id && record.pid_ns === self.pid_ns;
  return record.host === self.host && record.pid_ns === self.pid_ns;
}

/** @returns the result of a survey in the form that the rest of Weld uses */
export function stateOf(found: Pick<Survey, 'state' | 'where' | 'why' | 'holder'>): LockState {
  if (found.state === 'live' && found.holder && found.where)
    return { kind: 'held', where: found.where, holder: found.holder };
  if (found.state === 'dead' && found.holder) return { kind: 'stale', why: found.why, holder: found.holder };
  if (found.state === 'unreadable') return { kind: 'unreadable', why: found.why };
  return { kind: 'free', ...(found.why !== '' && { leftOver: found.why }) };
}

/** @returns the error that says why a lock in this state cannot be taken */
export function refusal(state: LockState): WeldError {
  const sentence = describeLock(state, Date.now());
  return state.kind === 'held' ? new LockHeldError(state.holder, sentence) : new WeldError('LOCK_UNREADABLE', sentence);
}

/**
 * Measures how long another host's record has been unchanged, by this process's own monotonic clock: the clocks of two
 * hosts differ, and a wall clock can be set. A record that is seen for the first time has been unchanged for 0 ms.
 */
export class Observations {
  private readonly seen = new Map<string, { at: number; stood: number }>();

  /** @param monotonicMs never steps back */
  constructor(private readonly monotonicMs: () => number) {}

  /** @returns ms */
  unchangedFor(record: LockRecord): number {
    return this.unchanged(`${record.token ?? ''} ${record.epoch ?? ''} ${record.heartbeat_at_ms ?? ''}`);
  }

  /** @param key names the observed thing and its state; @returns how long in ms that state has been seen */
  unchanged(key: string): number {
    const at = this.monotonicMs();
    const before = this.seen.get(key);
    if (before) {
      before.stood += Math.min(at - before.at, MAX_COUNTED_MS);
      before.at = at;
      return before.stood;
    }
    this.seen.set(key, { at, stood: 0 });
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= MAX_OBSERVED) break;
      this.seen.delete(oldest);
    }
    return 0;
  }
}

/** Maximum number of states that one observer remembers. */
const MAX_OBSERVED = 8;

/** Maximum time in ms that counts between two observations: this machine may have slept, as may the other one. */
const MAX_COUNTED_MS = 5_000;
