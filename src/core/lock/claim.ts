import { isErrno } from '../errors';
import type { FileStat, Handle } from './fs';
import { linkNew, removeName } from './link';
import type { LockNames } from './names';
import { io, type Program } from './program';
import { formatRecord, freed } from './record';
import type { LockRecord } from './types';

/** A claim of ours. Its record is changed only through `handle`, so nobody else's record is ever touched. */
export interface Claim {
  readonly names: LockNames;
  readonly handle: Handle;
  readonly stat: FileStat;
  readonly epoch: number;
  /** Its own name, and that of the claim that would end it: looked at before every write. */
  readonly file: string;
  readonly next: string;
  record: LockRecord;
}

/** Writes the record aside and links it in as claim `record.epoch`. @returns null when that claim exists already */
export function* stake(names: LockNames, token: string, record: LockRecord): Program<Claim | null> {
  const epoch = record.epoch ?? 0;
  const temporary = names.temporary(epoch, token);
  const handle = yield* createIn(names.folder, temporary);
  let won = false;
  try {
    yield* io.write(handle, formatRecord(record));
    const stat = yield* io.fstat(handle);
    won = yield* linkNew(temporary, names.claim(epoch));
    return won ? { names, handle, stat, epoch, file: names.claim(epoch), next: names.claim(epoch + 1), record } : null;
  } finally {
    yield* removeName(temporary);
    if (!won) yield* io.close(handle);
  }
}

/**
 * The same without a new file, which costs more than all the rest: this process's oldest claim, which would be
 * collected
 * by now, gets the new record and the new name. Its old name stays until the new one is known to be the head's.
 * @param oldest freed, still open, judged by nobody any more, its name just seen to be its own; it is used up, whatever
 *   comes of it
 * @returns null when the new claim exists already, or the oldest has been collected
 */
export function* raise(oldest: Claim, record: LockRecord): Program<Claim | null> {
  const { names, handle } = oldest;
  const epoch = record.epoch ?? 0;
  const text = formatRecord(record);
  const bytes = Buffer.byteLength(text);
  const size = Math.max(bytes, oldest.stat.size);
  const claim = {
    names,
    handle,
    stat: { ...oldest.stat, size },
    epoch,
    file: names.claim(epoch),
    next: names.claim(epoch + 1),
    record,
  };
  let won = false;
  try {
    // Spaces, which JSON allows, where the end of a longer record would stay behind.
    yield* io.write(handle, text + ' '.repeat(size - bytes));
    won = yield* linkNew(oldest.file, claim.file);
    return won ? claim : null;
  } finally {
    if (!won && !(yield* giveUp(claim))) yield* io.close(handle);
  }
}

/** The folder is there but for the first time, so it is made only when it is missed. */
function* createIn(folder: string, file: string): Program<Handle> {
  try {
    return yield* io.createNew(file);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  yield* io.mkdir(folder);
  return yield* io.createNew(file);
}

/**
 * Marks the claim free through its descriptor; removes no name, because by now a name may be somebody else's.
 * @returns false when the disk does not take it: the descriptor stays open, to try again by
 */
export function* giveUp(claim: Claim): Program<boolean> {
  try {
    yield* io.write(claim.handle, formatRecord(freed(claim.record)));
  } catch (error) {
    if (!isErrno(error)) throw error;
    return false;
  }
  yield* io.close(claim.handle);
  return true;
}
