import { isErrno } from '../errors';
import { type AcquireInput, acquire } from './acquire';
import { type Claim, giveUp } from './claim';
import { closeAll } from './claimNext';
import { release } from './held';
import { io, type Program } from './program';

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
      if (!(yield* giveUp(lost))) yield* closeAll([lost]);
      return got.claim;
    }
    if (yield* release(got.claim)) yield* closeAll([got.claim]);
    else input.owed?.(got.claim);
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
