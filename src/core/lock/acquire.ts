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
import { LAST_EPOCH } from './names';
import { io, type Program } from './program';
import { formatRecord, freed } from './record';
import type { LockRecord } from './runLock';
import { close, end, type LockFileSnapshot, readLockFile, type Survey, type SurveyInput, survey } from './survey';

export interface AcquireInput extends SurveyInput, ClaimInput {
  /** A live holder with this token may be displaced: the person has seen it and decided. */
  readonly takeOver?: string;
}

export type Acquired =
  | Claimed
  | { readonly kind: 'refused'; readonly found: Pick<Survey, 'state' | 'where' | 'why' | 'holder' | 'epoch'> };

/** One attempt to become the holder: reads, judges, claims. Refused, it has written nothing. */
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
            why: `${found.lostLog ? 'active.lock' : 'lock'}: its number, ${numberOf(found)}, has none after it`,
          },
        };
      if (found.lostLog) {
        // Otherwise the claim is another file's, or the face is gone: judging again tells, and by the caller, so that
        // nothing can go round for ever here.
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

/** Whether the lock may be taken from what a survey has found. */
export function admits(found: Survey, takeOver: string | undefined): boolean {
  if (found.state === 'free' || found.state === 'dead') return true;
  return takeOver !== undefined && takeOver !== '' && found.state === 'live' && found.holder?.token === takeOver;
}

/** The number that the next claim counts on from. */
function numberOf({ lostLog, holder, epoch }: Survey): number {
  return lostLog ? (holder?.epoch ?? epoch) : epoch;
}

/** Without its claim the face would be taken for a leftover of an older epoch. */
function* restoreHead({ names }: AcquireInput, found: Survey): Program<boolean> {
  yield* io.mkdir(names.folder);
  return yield* linkNew(names.face, names.claim(numberOf(found)));
}

/**
 * Before anybody follows a claim that was not given back, its holder is told in a way that outlasts the removal of the
 * whole
 * lock (`holdAgain`). @returns false when the name is another file's by now
 */
function* markDisplaced(file: string, { record, stat }: LockFileSnapshot): Program<boolean> {
  // What is no record has no holder to tell, and may be a second name of any file.
  if (record === null || record.state === 'free') return true;
  try {
    return yield* io.lengthen(file, stat);
  } catch (error) {
    // Another user's, who is not told then.
    if (isErrno(error, 'EACCES', 'EPERM')) return true;
    throw error;
  }
}

/** An empty log begins with a free claim, so that every claim has one before it whose standing can be checked. */
function* begin({ names, record }: AcquireInput): Program<void> {
  const first = yield* createClaim(names, record.token, freed({ ...record, epoch: 0 }));
  if (first) yield* io.close(first.handle);
}

/**
 * The next turn of a process whose turn was the last: there is nothing to judge, and nothing to read.
 * @param claims this process's, the oldest first and without a gap, freed and still open; the call uses them up
 * @returns null when anything else has happened since, having written nothing
 */
export function* fastReacquire(input: ClaimInput, claims: readonly Claim[]): Program<Claimed | null> {
  const own = [...claims];
  const [oldest, last] = [own[0], own.at(-1)];
  let got: Claimed | null = null;
  try {
    if (oldest && last && (yield* nothingElse(oldest, last)))
      got = yield* claimNext(input, last.epoch, last.stat, null, own);
  } finally {
    // Somebody came after them, and numbers would be left out.
    if (got?.kind !== 'acquired') yield* closeClaims(own);
  }
  return got;
}

/**
 * The oldest where it was: then these are still the same folders, and it is no stranger's file that is made a claim. No
 * face, and no claim after the last: then that is still the head, or it was collected, which is seen when the next one
 * is claimed. It is open, so that its number can be no other file's.
 */
function* nothingElse(oldest: Claim, { names, next }: Claim): Program<boolean> {
  if (!(yield* io.is(oldest.file, oldest.stat))) return false;
  if (yield* io.lstat(names.face)) return false;
  return !(yield* io.exists(next));
}

/**
 * Who displaced the holder of this record. Its claim is the one after, and stays for some time, so it can be told also
 * when that one has given the lock back since. @returns null when it cannot be told
 */
export function* successorOf(input: SurveyInput, own: LockRecord): Program<LockRecord | null> {
  const next = own.epoch === undefined ? null : yield* readLockFile(input.names.claim(own.epoch + 1));
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

/** The number of the first holder in an empty log. */
const FIRST_EPOCH = 1;

export type HoldAgainInput = Omit<AcquireInput, 'record' | 'takeOver'>;

/**
 * The lock once more, where all of it has been removed, as `git clean -fdx` does: taken as by anybody, and kept only if
 * nobody was there in between: nobody has marked the claim as displaced, the log was empty, and its first claim is
 * ours.
 * @param lost the claim that is gone; used up when it is followed by another
 * @returns null when somebody else came, or what stands there is no empty log: then the lock is lost
 */
export function* holdAgain(input: HoldAgainInput, lost: Claim): Program<Claim | null> {
  try {
    if (yield* isDisplaced(lost)) return null;
    if ((yield* io.lstat(input.names.face)) || (yield* io.highestClaim(input.names.folder)) !== null) return null;
    const got = yield* acquire({ ...input, record: { ...lost.record, token: lost.record.token ?? '' } });
    if (got.kind !== 'acquired') return null;
    if (got.claim.epoch === FIRST_EPOCH) {
      // Nobody can find it any more, so that it is enough to let go of it.
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

/** Whoever follows a holder makes its claim longer, which no heartbeat undoes. */
function* isDisplaced({ handle, stat }: Claim): Program<boolean> {
  return Buffer.byteLength(yield* io.read(handle, stat.size + 1)) > stat.size;
}

/**
 * The face goes first: in the other order a successor, let in by the free claim, could lose its own.
 * The descriptor stays open, for `acquire` to know its own claims by; who needs it no more closes it.
 * @returns false when the disk does not take it
 */
export function* release(claim: Claim): Program<boolean> {
  const { names, epoch, stat } = claim;
  try {
    // Somebody else's face is not even moved.
    if (yield* io.is(names.face, stat)) yield* displace(names, names.aside(epoch, claim.record.token ?? 'x'), stat);
  } catch (error) {
    // A face that cannot be moved says that it is free in a moment, and the next holder clears it.
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
