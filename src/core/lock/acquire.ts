import { collect, giveUp, linkNew, showFace, stake, type Claim } from './claim';
import { sameFile } from './fs';
import { assertClaim } from './held';
import { io, type Program } from './program';
import { NO_PID } from './record';
import { end, survey, type Survey, type SurveyInput } from './survey';
import type { LockRecord } from './types';

export interface AcquireInput extends SurveyInput {
  /** The record to write, all but its epoch. */
  readonly record: Omit<LockRecord, 'epoch'> & { readonly token: string };
  /** A live holder with this token may be displaced: the person has seen it and decided. */
  readonly takeOver?: string;
}

export type Acquired =
  | { readonly kind: 'acquired'; readonly claim: Claim }
  | { readonly kind: 'refused'; readonly found: Pick<Survey, 'state' | 'where' | 'why' | 'holder' | 'epoch'> }
  /** Somebody else moved at the same time; judging again tells who has it. */
  | { readonly kind: 'raced' };

/** One attempt to become the holder. Refused, it has written nothing. */
export function* acquire(input: AcquireInput): Program<Acquired> {
  const found = yield* survey(input);
  try {
    if (!admits(found, input.takeOver)) return { kind: 'refused', found };
    if (found.lostLog) {
      // Without its claim the face would be taken for a leftover of an older epoch.
      yield* io.mkdir(input.names.folder);
      yield* linkNew(input.names.face, input.names.claim(found.holder?.epoch ?? 0));
      return { kind: 'raced' };
    }
    return yield* claimNext(input, found);
  } finally {
    yield* end(found);
  }
}

function admits(found: Survey, takeOver: string | undefined): boolean {
  if (found.state === 'free' || found.state === 'dead') return true;
  return takeOver !== undefined && takeOver !== '' && found.state === 'live' && found.holder?.token === takeOver;
}

function* claimNext(input: AcquireInput, found: Survey): Program<Acquired> {
  const { names } = input;
  const { token } = input.record;
  const claim = yield* stake(names, token, { ...input.record, epoch: found.epoch + 1 });
  if (!claim) return { kind: 'raced' };
  // A claim that was collected and made anew under the same number is not the one that was judged.
  if (found.head && !sameFile(yield* io.lstat(names.claim(found.epoch)), found.head.stat)) return yield* lose(claim);
  const face = yield* showFace(claim, names.aside(token), (record, stat) => {
    if (sameFile(stat, found.face?.stat ?? null)) return true;
    return record?.epoch !== undefined && (record.epoch < claim.epoch || record.pid === NO_PID);
  });
  if (face === 'foreign') return yield* lose(claim);
  yield* collect(names, claim.epoch);
  if (!(yield* assertClaim(claim))) return yield* lose(claim);
  return { kind: 'acquired', claim };
}

function* lose(claim: Claim): Program<Acquired> {
  yield* giveUp(claim);
  return { kind: 'raced' };
}
