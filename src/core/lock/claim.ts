import { isErrno } from '../errors';
import { sameFile, type FileStat, type Handle } from './fs';
import { close, look } from './look';
import { epochsOf, isLeftOver, type LockNames } from './names';
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

/** Links a name to a file. @returns false when the name exists: somebody else was first */
export function* linkNew(from: string, to: string): Program<boolean> {
  try {
    yield* io.link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST', 'ENOENT')) return false;
    throw error;
  }
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

export type FaceResult = 'mine' | 'foreign';

/**
 * Puts the claim's face on `active.lock`. What stands there is displaced only when `mayDisplace` says so of the very
 * file that is then moved: it is renamed aside, compared, and put back when it turns out to be another.
 */
export function* showFace(claim: Claim, aside: string, mayDisplace: (record: LockRecord | null, stat: FileStat) => boolean): Program<FaceResult> {
  const { names } = claim;
  for (;;) {
    if (yield* linkNew(claim.file, names.face)) return 'mine';
    // The claim's own name is gone, collected by a later holder or with the whole log: then nothing can be linked, nor moved aside.
    if (!(yield* io.is(claim.file, claim.stat))) return 'foreign';
    const there = yield* look(names.face);
    if (!there) continue;
    try {
      if (sameFile(there.stat, claim.stat)) return 'mine';
      if (!mayDisplace(there.record, there.stat)) return 'foreign';
      yield* displace(names, aside, there.stat);
    } finally {
      yield* close(there);
    }
  }
}

/** Takes `active.lock` away if it is the file `judged`; anything else that was caught is put back. */
export function* displace(names: LockNames, aside: string, judged: FileStat): Program<void> {
  try {
    yield* io.rename(names.face, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  if (!(yield* io.is(aside, judged))) yield* linkNew(aside, names.face);
  yield* removeName(aside);
}

/**
 * Removes old claims, always the oldest first: whoever finds its own claim there and none above it may then trust that
 * there is no higher one. What crashes left behind goes with them. Nothing that stands in the way fails an acquisition.
 */
export function* collect(claim: Claim, keep: number): Program<void> {
  const { names, epoch } = claim;
  const oldest = epoch - keep;
  const all = yield* io.list(names.folder);
  // A claim that stays keeps all above it: without them its holder, once awake, would take itself for the head.
  for (const old of epochsOf(all)) if (old <= oldest && !(yield* removeFile(names.claim(old)))) break;
  for (const name of all) if (isLeftOver(name, epoch, claim.record.token ?? '')) yield* removeFile(names.inFolder(name));
}

/** Removes a regular file; what is none is a stranger's, and nobody's claim. @returns false when a file stays */
function* removeFile(file: string): Program<boolean> {
  return (yield* io.lstat(file))?.kind === 'file' ? yield* removeName(file) : true;
}

/** @returns false when it stays; then it is left over, for a later holder to collect */
export function* removeName(file: string): Program<boolean> {
  try {
    yield* io.unlink(file);
  } catch (error) {
    if (!isErrno(error)) throw error;
    return error.code === 'ENOENT';
  }
  return true;
}
