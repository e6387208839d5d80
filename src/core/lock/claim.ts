import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { isErrno } from '../util/errors';
import { type FileStat, type Handle, nodeFs, sameFile } from './fs';
import { epochsOf, isLeftOver, KEEP_CLAIMS, type LockNames } from './lockNames';
import { io, type Program } from './program';
import { formatRecord, freed, NO_PID } from './record';
import type { LockRecord } from './runLock';
import { close, readLockFile } from './survey';

/** A claim of ours. Its record is changed only through `handle`, so nobody else's record is ever touched. */
export interface Claim {
  readonly names: LockNames;
  readonly handle: Handle;
  readonly stat: FileStat;
  readonly epoch: number;
  /** Its own name, and the name of the claim that would end it: both are checked before every write. */
  readonly file: string;
  readonly next: string;
  record: LockRecord;
}

/** Writes the record to a temporary file and links it as claim `record.epoch`. @returns null when that claim exists */
export function* createClaim(names: LockNames, token: string, record: LockRecord): Program<Claim | null> {
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
 * Makes a claim without a new file, because creating one costs more than all other calls together. This process's
 * oldest claim, which is due to be collected, gets the new record and the new name. Its old name stays until the new
 * claim is known to be the head.
 * @param oldest free, still open, judged by nobody, its name just seen to be its own; used up even when this fails
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
    // JSON allows trailing spaces; they overwrite the end of a longer record.
    yield* io.write(handle, text + ' '.repeat(size - bytes));
    won = yield* linkNew(oldest.file, claim.file);
    return won ? claim : null;
  } finally {
    if (!won && !(yield* giveUp(claim))) yield* io.close(handle);
  }
}

/** The folder almost always exists, so it is made only when creating the file fails without it. */
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
 * Marks the claim free through its descriptor. It removes no name, because the name may belong to another claim now.
 * @returns false when the disk refuses the write; the descriptor then stays open for another try
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

export interface ClaimInput {
  readonly names: LockNames;
  /** The record to write, without its epoch. */
  readonly record: Omit<LockRecord, 'epoch'> & { readonly token: string };
  /** Called with a claim that could not be marked free. */
  readonly retryRelease?: (claim: Claim) => void;
  /** Number of claims kept for processes that are judging now; default 16. */
  readonly keep?: number;
}

export type Claimed =
  | {
      readonly kind: 'acquired';
      readonly claim: Claim;
      /** This process's earlier claims, for its next turn. */
      readonly before: readonly Claim[];
    }
  /** Another process acted at the same time; judging again shows who holds the lock. */
  | { readonly kind: 'raced' };

/**
 * Becomes the holder after a head whose holder has finished or died.
 * @param head the judged file of claim `epoch`; the caller keeps it open
 * @param face the face that was judged with it, if there was one
 * @param own this process's claims if the head is the last of them, else empty; those raised or closed are removed
 */
export function* claimNext(
  input: ClaimInput,
  epoch: number,
  head: FileStat,
  face: FileStat | null,
  own: Claim[],
): Program<Claimed> {
  const { names, keep = KEEP_CLAIMS } = input;
  const record = { ...input.record, epoch: epoch + 1 };
  const raised = own[0]?.epoch === record.epoch - keep ? own.shift() : undefined;
  const claim = yield* raised ? raise(raised, record) : createClaim(names, record.token, record);
  if (!claim) return { kind: 'raced' };
  let won = false;
  try {
    // A process that slept since it judged may have linked its claim far below the head, where old claims were
    // collected. That cannot have happened when a claim older than the head was there to be raised.
    const follows = raised !== undefined || (yield* io.is(names.claim(epoch), head));
    if (follows && (yield* show(input, claim, face)) === 'mine') {
      yield* clearBelow(claim, raised, own, keep);
      won = yield* assertClaim(claim);
    }
  } finally {
    if (!won && !(yield* giveUp(claim))) input.retryRelease?.(claim);
  }
  return won ? { kind: 'acquired', claim, before: own } : { kind: 'raced' };
}

/** Removes what is below a new claim: the old name of the raised one, and claims that nobody can be judging now. */
function* clearBelow(claim: Claim, raised: Claim | undefined, own: Claim[], keep: number): Program<void> {
  let tidy = raised ? yield* removeName(raised.file) : true;
  // This process's own turns leave nothing, but another process that slept may have left a claim, so look regularly.
  if (!raised || claim.epoch % keep === 0) tidy = (yield* collect(claim, keep)) && tidy;
  // A claim that stays keeps all claims above it, so none of our own may be raised.
  if (!tidy) yield* closeClaims(own.splice(0));
}

function show({ names, record: { token } }: ClaimInput, claim: Claim, face: FileStat | null): Program<FaceResult> {
  return showFace(claim, names.aside(claim.epoch, token), (record, stat) => {
    if (sameFile(stat, face)) return true;
    return record?.epoch !== undefined && (record.epoch < claim.epoch || record.pid === NO_PID);
  });
}

export function* closeClaims(claims: readonly Claim[]): Program<void> {
  for (const { handle } of claims) yield* io.close(handle);
}

/** Links a name to a file. @returns false when the name exists already or the file is gone */
export function* linkNew(from: string, to: string): Program<boolean> {
  try {
    yield* io.link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST', 'ENOENT')) return false;
    throw error;
  }
}

/** @returns false when the name could not be removed; a later holder then collects it */
export function* removeName(file: string): Program<boolean> {
  try {
    yield* io.unlink(file);
  } catch (error) {
    if (!isErrno(error)) throw error;
    return error.code === 'ENOENT';
  }
  return true;
}

/**
 * Removes old claims and the files that crashes left. It removes the oldest claim first, so a process that finds its
 * own claim and none directly above it can trust that there is no higher one. A file that cannot be removed does not
 * fail the acquisition.
 * @returns whether all old claims were removed
 */
export function* collect(claim: Claim, keep: number): Program<boolean> {
  const { names, epoch } = claim;
  const oldest = epoch - keep;
  const all = yield* io.list(names.folder);
  for (const name of all)
    if (isLeftOver(name, epoch, claim.record.token ?? '')) yield* removeFile(names.inFolder(name));
  // A claim that stays keeps all claims above it: without them its holder, on waking, would think that it is the head.
  for (const old of epochsOf(all)) if (old <= oldest && !(yield* removeFile(names.claim(old)))) return false;
  return true;
}

/** Removes regular files only; anything else is not a claim. @returns false when a file could not be removed */
function* removeFile(file: string): Program<boolean> {
  return (yield* io.lstat(file))?.kind === 'file' ? yield* removeName(file) : true;
}

export type FaceResult = 'mine' | 'foreign';

/**
 * Links `active.lock` to the claim. An existing face is displaced only when `mayDisplace` allows it for that very
 * file: the face is renamed aside, compared, and put back when it turns out to be another file.
 * @param aside the name to move the existing face to
 */
export function* showFace(
  claim: Claim,
  aside: string,
  mayDisplace: (record: LockRecord | null, stat: FileStat) => boolean,
): Program<FaceResult> {
  const { names } = claim;
  for (;;) {
    if (yield* linkNew(claim.file, names.face)) return 'mine';
    // The claim's own name was collected, or the whole log removed. Then nothing can be linked or moved aside.
    if (!(yield* io.is(claim.file, claim.stat))) return 'foreign';
    const there = yield* readLockFile(names.face);
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

/** Removes `active.lock` if it is the file `judged`; another file that was moved is put back. */
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
 * Removes the file or empty folder that was judged, without hard links: it is moved aside, checked again, and put back
 * when it turns out to be another.
 * @param isIt whether a name is the judged one's; called with its name, then with the name that it was moved to
 * @returns false when it was another, or is gone
 */
export function removeJudged(names: LockNames, name: string, isIt: (file: string) => boolean): boolean {
  // Another process's file is not even moved.
  if (!isIt(name)) return false;
  const aside = names.aside(0, randomUUID());
  try {
    nodeFs.rename(name, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
  const right = isIt(aside);
  if (!right && !nodeFs.exists(name)) nodeFs.rename(aside, name);
  else if (nodeFs.lstat(aside)?.kind === 'folder') fs.rmdirSync(aside);
  else nodeFs.unlink(aside);
  return right;
}

/**
 * Checks with three calls that the claim is still the head and `active.lock` is its face. A face that was removed, or
 * that an older holder put back, is replaced.
 * @returns false when the lock is lost: there is a later claim, the claim's file is gone, or the face is foreign
 */
export function* assertClaim(claim: Claim): Program<boolean> {
  const { names, epoch, stat } = claim;
  for (;;) {
    // Yielded directly, because this runs before every write, and delegating costs as much as the calls themselves.
    if (yield { call: 'exists', args: [claim.next] }) return false;
    if (!(yield { call: 'is', args: [claim.file, stat] })) return false;
    if (yield { call: 'is', args: [names.face, stat] }) return true;
    const face = yield* showFace(
      claim,
      names.aside(epoch, claim.record.token ?? 'x'),
      (record) => record?.epoch !== undefined && record.epoch < epoch,
    );
    if (face === 'foreign') return false;
    // While the face was missing, a successor may have come and gone, so the claims are checked again.
  }
}
