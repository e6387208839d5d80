import { isErrno } from '../util/errors';
import {
  type Claim,
  type Claimed,
  type ClaimInput,
  claimNext,
  closeClaims,
  createClaim,
  displace,
  giveUp,
  linkNew,
} from './claim';
import { LAST_EPOCH } from './lockNames';
import { io, type Program } from './program';
import { formatRecord, freed } from './record';
import type { LockRecord } from './runLock';
import { close, end, type LockFileSnapshot, readLockFile, type Survey, type SurveyInput, survey } from './survey';

export interface AcquireInput extends SurveyInput, ClaimInput {
  /** Token of a live holder that may be displaced, because the person saw it and decided so. */
  readonly takeOver?: string;
}

export type Acquired =
  | Claimed
  | { readonly kind: 'refused'; readonly found: Pick<Survey, 'state' | 'where' | 'why' | 'holder' | 'epoch'> };

/** Tries once to become the holder: reads, judges and claims. An attempt that is refused has written nothing. */
export function* acquire(input: AcquireInput): Program<Acquired> {
  for (;;) {
    const found = yield* survey(input);
    try {
      if (!admits(found, input.takeOver)) return { kind: 'refused', found };
      if (numberOf(found) >= LAST_EPOCH)
        return {
          kind: 'refused',
          found: {
            ...found,
            state: 'unreadable',
            why: `${found.lostLog ? 'active.lock' : 'lock'}: it has the highest possible number, ${numberOf(found)}`,
          },
        };
      if (found.lostLog) {
        // If this fails, the claim is another file's or the face is gone. The caller judges again, so that this loop
        // cannot run for ever.
        if (!(yield* restoreHead(input, found))) return { kind: 'raced' };
      } else if (found.head) {
        if (!(yield* markDisplaced(input.names.claim(found.epoch), found.head))) return { kind: 'raced' };
        return yield* claimNext(input, found.epoch, found.head.stat, found.face?.stat ?? null, []);
      } else yield* begin(input);
    } finally {
      yield* end(found);
    }
  }
}

/** Whether the lock may be taken in the state found. @param takeOver token of a live holder that may be displaced */
export function admits(found: Survey, takeOver: string | undefined): boolean {
  if (found.state === 'free' || found.state === 'dead') return true;
  return takeOver !== undefined && takeOver !== '' && found.state === 'live' && found.holder?.token === takeOver;
}

/** @returns the number after which the next claim is numbered */
function numberOf({ lostLog, holder, epoch }: Survey): number {
  return lostLog ? (holder?.epoch ?? epoch) : epoch;
}

/** Makes the claim of a face whose log was lost; without it the face would look left over from an older epoch. */
function* restoreHead({ names }: AcquireInput, found: Survey): Program<boolean> {
  yield* io.mkdir(names.folder);
  return yield* linkNew(names.face, names.claim(numberOf(found)));
}

/**
 * Tells the holder of a claim that was not given back that another follows it. The mark is in the claim's file, which
 * the holder keeps open, so it outlasts the removal of the whole lock (`holdAgain`).
 * @returns false when the name now belongs to another file
 */
function* markDisplaced(file: string, { record, stat }: LockFileSnapshot): Program<boolean> {
  // A file without a record has no holder to tell, and may be a hard link to any file.
  if (record === null || record.state === 'free') return true;
  try {
    return yield* io.lengthen(file, stat);
  } catch (error) {
    // The file belongs to another user, who cannot be told.
    if (isErrno(error, 'EACCES', 'EPERM')) return true;
    throw error;
  }
}

/** Starts an empty log with a free claim, so that every holder's claim has one before it that can be checked. */
function* begin({ names, record }: AcquireInput): Program<void> {
  const first = yield* createClaim(names, record.token, freed({ ...record, epoch: 0 }));
  if (first) yield* io.close(first.handle);
}

/**
 * Acquires the lock again for the process that held it last, which has nothing to judge and nothing to read.
 * @param claims this process's claims, the oldest first and without a gap, free and still open; the call uses them up
 * @returns null when anything else has happened since; then nothing was written
 */
export function* fastReacquire(input: ClaimInput, claims: readonly Claim[]): Program<Claimed | null> {
  const own = [...claims];
  const [oldest, last] = [own[0], own.at(-1)];
  let got: Claimed | null = null;
  try {
    if (oldest && last && (yield* nothingElse(oldest, last)))
      got = yield* claimNext(input, last.epoch, last.stat, null, own);
  } finally {
    // Another process's claim follows them, so with a new claim of ours they would have a gap.
    if (got?.kind !== 'acquired') yield* closeClaims(own);
  }
  return got;
}

/**
 * Whether nothing else happened since this process's last turn. If the oldest claim has its name, the folders are
 * still the same, and no foreign file is made a claim. Without a face and without a claim after the last one, the last
 * one is still the head, or it was collected, which making the next claim detects. The oldest is open, so no other file
 * can have its inode number.
 */
function* nothingElse(oldest: Claim, { names, next }: Claim): Program<boolean> {
  if (!(yield* io.is(oldest.file, oldest.stat))) return false;
  if (yield* io.lstat(names.face)) return false;
  return !(yield* io.exists(next));
}

/**
 * Finds who displaced the holder of this record. The successor's claim is the next one and stays for some time, so it
 * is found even when the successor has released the lock since.
 * @returns null when it cannot be found
 */
export function* successorOf(input: SurveyInput, own: LockRecord): Program<LockRecord | null> {
  const next = own.epoch === undefined ? null : yield* readLockFile(input.names.claim(own.epoch + 1));
  yield* close(next);
  if (next?.record) return named(next.record);
  const found = yield* survey(input);
  yield* end(found);
  return found.holder && found.state !== 'free' && found.holder.token !== own.token ? named(found.holder) : null;
}

/** A record that was given up no longer has the holder's pid in `pid`, but in `holder_pid`. */
function named(record: LockRecord): LockRecord {
  return record.holder_pid === undefined ? record : { ...record, pid: record.holder_pid };
}

/** The number of the first holder in an empty log. */
const FIRST_EPOCH = 1;

export type HoldAgainInput = Omit<AcquireInput, 'record' | 'takeOver'>;

/**
 * Takes the lock again after all of it was removed, as `git clean -fdx` does. It is acquired as usual, and kept only if
 * no other process held it in between: the claim was not marked as displaced, the log was empty, and its first claim is
 * ours.
 * @param lost the claim that is gone; closed when a new claim replaces it
 * @returns null when the lock is lost, because another process came or the log was not empty
 */
export function* holdAgain(input: HoldAgainInput, lost: Claim): Program<Claim | null> {
  try {
    if (yield* isDisplaced(lost)) return null;
    if ((yield* io.lstat(input.names.face)) || (yield* io.highestClaim(input.names.folder)) !== null) return null;
    const got = yield* acquire({ ...input, record: { ...lost.record, token: lost.record.token ?? '' } });
    if (got.kind !== 'acquired') return null;
    if (got.claim.epoch === FIRST_EPOCH) {
      // No process can find the old claim any more, so closing it is enough.
      if (!(yield* giveUp(lost))) yield* closeClaims([lost]);
      return got.claim;
    }
    if (yield* release(got.claim)) yield* closeClaims([got.claim]);
    else input.retryRelease?.(got.claim);
    return null;
  } catch (error) {
    if (!isErrno(error)) throw error;
    return null;
  }
}

/** A process that follows a holder makes the holder's claim longer, and no heartbeat undoes that. */
function* isDisplaced({ handle, stat }: Claim): Program<boolean> {
  return Buffer.byteLength(yield* io.read(handle, stat.size + 1)) > stat.size;
}

/**
 * Releases the lock. The face is removed first: in the other order a successor could see the free claim, show its own
 * face and lose it here. The descriptor stays open so that `fastReacquire` can use the claim; the caller closes it.
 * @returns false when the disk refuses to mark the claim free
 */
export function* release(claim: Claim): Program<boolean> {
  const { names, epoch, stat } = claim;
  try {
    // Another process's face is not even moved.
    if (yield* io.is(names.face, stat)) yield* displace(names, names.aside(epoch, claim.record.token ?? 'x'), stat);
  } catch (error) {
    // A face that cannot be moved is the same file as the claim, marked free below; the next holder removes it.
    if (!isErrno(error)) throw error;
  }
  try {
    yield* io.write(claim.handle, formatRecord(freed(claim.record)));
    return true;
  } catch (error) {
    if (!isErrno(error)) throw error;
    return false;
  }
}
