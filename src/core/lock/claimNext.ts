import { type Claim, giveUp, raise, stake } from './claim';
import { collect } from './collect';
import { type FaceResult, showFace } from './face';
import { type FileStat, sameFile } from './fs';
import { assertClaim } from './held';
import { removeName } from './link';
import { KEEP_CLAIMS, type LockNames } from './names';
import { io, type Program } from './program';
import { NO_PID } from './record';
import type { LockRecord } from './types';

export interface ClaimInput {
  readonly names: LockNames;
  /** The record to write, all but its epoch. */
  readonly record: Omit<LockRecord, 'epoch'> & { readonly token: string };
  /** Takes a claim that was to be given up and could not be. */
  readonly owed?: (claim: Claim) => void;
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
  const claim = yield* raised ? raise(raised, record) : stake(names, record.token, record);
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
    if (!tidy) yield* closeAll(own.splice(0));
    won = yield* assertClaim(claim);
  } finally {
    if (!won && !(yield* giveUp(claim))) input.owed?.(claim);
  }
  return won ? { kind: 'acquired', claim, before: own } : { kind: 'raced' };
}

function show({ names, record: { token } }: ClaimInput, claim: Claim, face: FileStat | null): Program<FaceResult> {
  return showFace(claim, names.aside(claim.epoch, token), (record, stat) => {
    if (sameFile(stat, face)) return true;
    return record?.epoch !== undefined && (record.epoch < claim.epoch || record.pid === NO_PID);
  });
}

export function* closeAll(claims: readonly Claim[]): Program<void> {
  for (const { handle } of claims) yield* io.close(handle);
}
