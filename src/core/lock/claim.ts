import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { isErrno } from '../util/errors';
import { type FileStat, type Handle, nodeFs, sameFile } from './fs';
import { epochsOf, isLeftOver, KEEP_CLAIMS, type LockNames } from './names';
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
  /** Its own name, and that of the claim that would end it: looked at before every write. */
  readonly file: string;
  readonly next: string;
  record: LockRecord;
}

/** Writes the record aside and links it in as claim `record.epoch`. @returns null when that claim exists already */
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

export interface ClaimInput {
  readonly names: LockNames;
  /** The record to write, all but its epoch. */
  readonly record: Omit<LockRecord, 'epoch'> & { readonly token: string };
  /** Called with a claim that could not be marked free. */
  readonly retryRelease?: (claim: Claim) => void;
  /** Claims kept for whoever judges at this moment; default 16. */
  readonly keep?: number;
}

export type Claimed =
  | {
      readonly kind: 'acquired';
      readonly claim: Claim /** This process's claims before it, for its next turn. */;
      readonly before: readonly Claim[];
    }
  /** Somebody else moved at the same time; judging again tells who has it. */
  | { readonly kind: 'raced' };

/**
 * Becomes the holder after a head that is over.
 * @param head of the claim `epoch`, judged; it is kept open by the caller @param face what stood there when it was
 *   judged
 * @param own this process's, when the head is the last of them; what is raised or cannot be kept is taken from it
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
    // Whoever slept since it judged may have linked far below the head, where old claims were collected; not if an
    // older one than the head was there to raise.
    if (!raised && !(yield* io.is(names.claim(epoch), head))) return { kind: 'raced' };
    if ((yield* show(input, claim, face)) === 'foreign') return { kind: 'raced' };
    // Who slept may have left a claim below; one's own turns leave nothing.
    let tidy = raised ? yield* removeName(raised.file) : true;
    if (!raised || claim.epoch % keep === 0) tidy = (yield* collect(claim, keep)) && tidy;
    // What stays below keeps all above it, so none of these is to be raised.
    if (!tidy) yield* closeClaims(own.splice(0));
    won = yield* assertClaim(claim);
  } finally {
    if (!won && !(yield* giveUp(claim))) input.retryRelease?.(claim);
  }
  return won ? { kind: 'acquired', claim, before: own } : { kind: 'raced' };
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

/**
 * Removes old claims, always the oldest first: whoever finds its own claim there and none above it may then trust that
 * there is no higher one. What crashes left behind goes with them. Nothing that stands in the way fails an acquisition.
 * @returns whether none of them is left
 */
export function* collect(claim: Claim, keep: number): Program<boolean> {
  const { names, epoch } = claim;
  const oldest = epoch - keep;
  const all = yield* io.list(names.folder);
  for (const name of all)
    if (isLeftOver(name, epoch, claim.record.token ?? '')) yield* removeFile(names.inFolder(name));
  // A claim that stays keeps all above it: without them its holder, once awake, would take itself for the head.
  for (const old of epochsOf(all)) if (old <= oldest && !(yield* removeFile(names.claim(old)))) return false;
  return true;
}

/** Removes a regular file; what is none is a stranger's, and nobody's claim. @returns false when a file stays */
function* removeFile(file: string): Program<boolean> {
  return (yield* io.lstat(file))?.kind === 'file' ? yield* removeName(file) : true;
}

export type FaceResult = 'mine' | 'foreign';

/**
 * Puts the claim's face on `active.lock`. What stands there is displaced only when `mayDisplace` says so of the very
 * file that is then moved: it is renamed aside, compared, and put back when it turns out to be another.
 */
export function* showFace(
  claim: Claim,
  aside: string,
  mayDisplace: (record: LockRecord | null, stat: FileStat) => boolean,
): Program<FaceResult> {
  const { names } = claim;
  for (;;) {
    if (yield* linkNew(claim.file, names.face)) return 'mine';
    // The claim's own name is gone, collected by a later holder or with the whole log: then nothing can be linked, nor
    // moved aside.
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
 * Removes a file or an empty folder, without hard links, if it is the one that was judged: it is moved aside, looked at
 * again, and put back when it turns out to be another.
 * @param isIt asked of its name, then of the name that it was moved to; @returns false when it was another, or is gone
 */
export function removeJudged(names: LockNames, name: string, isIt: (file: string) => boolean): boolean {
  // Somebody else's is not even moved.
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
 * Whether the claim still is the head and wears the face: three looks. A face that somebody removed, or that an older
 * holder's put-back left there, is healed; a later claim or a foreign face means lost.
 */
export function* assertClaim(claim: Claim): Program<boolean> {
  const { names, epoch, stat } = claim;
  for (;;) {
    // Asked for directly, because this comes before every write, and delegating costs as much as the calls themselves.
    if (yield { call: 'exists', args: [claim.next] }) return false;
    if (!(yield { call: 'is', args: [claim.file, stat] })) return false;
    if (yield { call: 'is', args: [names.face, stat] }) return true;
    const face = yield* showFace(
      claim,
      names.aside(epoch, claim.record.token ?? 'x'),
      (record) => record?.epoch !== undefined && record.epoch < epoch,
    );
    if (face === 'foreign') return false;
    // While the face was away a successor may have come and gone, so the claims are looked at again.
  }
}
