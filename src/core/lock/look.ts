import { isErrno } from '../errors';
import type { FileStat, Handle } from './fs';
import { io, type Program } from './program';
import { MAX_RECORD_BYTES, parseRecord } from './record';
import type { LockRecord } from './types';

/**
 * A lock file as it was read. It stays open while it is judged, because a closed file's inode number can be given out
 * again.
 */
export interface Seen {
  /** Null when it is no file or may not be opened. */
  readonly handle: Handle | null;
  readonly stat: FileStat;
  /** Null when the content is no record; then `fault` says why. */
  readonly record: LockRecord | null;
  readonly fault: string;
}

/** @returns null when there is no such name */
export function* look(file: string): Program<Seen | null> {
  // Mostly there is none, and an exception costs more than this look.
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

export function* close(seen: Seen | null): Program<void> {
  if (seen && seen.handle !== null) yield* io.close(seen.handle);
}

function* shut(handle: Handle, stat: FileStat, fault: string): Program<Seen> {
  yield* io.close(handle);
  return { handle: null, stat, record: null, fault };
}

function* unopened(file: string, error: unknown): Program<Seen | null> {
  const stat = yield* io.lstat(file);
  if (!stat) return null;
  if (isErrno(error, 'ELOOP', 'EMLINK')) return { handle: null, stat, record: null, fault: 'it is a symbolic link' };
  if (isErrno(error, 'EACCES', 'EPERM'))
    return { handle: null, stat, record: null, fault: 'it may not be read by this user' };
  return {
    handle: null,
    stat,
    record: null,
    fault: `it cannot be opened (${isErrno(error) ? String(error.code) : 'unknown'})`,
  };
}
