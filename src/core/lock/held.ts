import { isErrno } from '../errors';
import { type Claim, giveUp } from './claim';
import { displace, showFace } from './face';
import { io, type Program } from './program';
import { beaten, formatRecord, freed } from './record';

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

/** @param at wall-clock ms; @returns false when the lock is lost */
export function* heartbeat(claim: Claim, at: number): Program<boolean> {
  if (!(yield* assertClaim(claim))) return false;
  claim.record = beaten(claim.record, at);
  yield* io.write(claim.handle, formatRecord(claim.record));
  return true;
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

/**
 * The lock is lost. The claim may still be the head, behind a stranger's face, and must not keep everybody out until
 * this process ends.
 * @returns false when the disk does not take it
 */
export function* lose(claim: Claim): Program<boolean> {
  return yield* giveUp(claim);
}
