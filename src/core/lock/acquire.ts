import { giveUp, raise, stake, type Claim } from './claim';
import { collect } from './collect';
import { showFace, type FaceResult } from './face';
import { sameFile, type FileStat } from './fs';
import { assertClaim } from './held';
import { linkNew, removeName } from './link';
import { KEEP_CLAIMS, LAST_EPOCH } from './names';
import { io, type Program } from './program';
import { freed, NO_PID } from './record';
import { end, survey, type Survey, type SurveyInput } from './survey';
import type { LockRecord } from './types';

export interface AcquireInput extends SurveyInput {
  /** The record to write, all but its epoch. */
  readonly record: Omit<LockRecord, 'epoch'> & { readonly token: string };
  /** A live holder with this token may be displaced: the person has seen it and decided. */
  readonly takeOver?: string;
  /**
   * This process's own claims, the oldest first and without a gap, freed and still open: when nothing came after the
   * last, there is nothing to read. The call uses them up.
   */
  readonly own?: readonly Claim[];
  /** Takes a claim that was to be given up and could not be. */
  readonly owed?: (claim: Claim) => void;
  /** Claims kept for whoever judges at this moment; default 16. */
  readonly keep?: number;
}

export type Acquired =
  | { readonly kind: 'acquired'; readonly claim: Claim; /** What is left of `own`, for a later call. */ readonly before: readonly Claim[] }
  | { readonly kind: 'refused'; readonly found: Pick<Survey, 'state' | 'where' | 'why' | 'holder' | 'epoch'> }
  /** Somebody else moved at the same time; judging again tells who has it. */
  | { readonly kind: 'raced' };

/** One attempt to become the holder. Refused, it has written nothing. */
export function* acquire(input: AcquireInput): Program<Acquired> {
  const own = [...(input.own ?? [])];
  const last = own.at(-1);
  let got: Acquired | undefined;
  try {
    if (last && (yield* nothingAfter(last))) got = yield* claimNext(input, last.epoch, last.stat, null, own);
  } finally {
    // Somebody came after them, and numbers would be left out.
    if (got?.kind !== 'acquired') yield* closeAll(own);
  }
  return got ?? (yield* judgeAndClaim(input));
}

function* judgeAndClaim(input: AcquireInput): Program<Acquired> {
  for (;;) {
    const found = yield* survey(input);
    try {
      if (!admits(found, input.takeOver)) return { kind: 'refused', found };
      if (numberOf(found) >= LAST_EPOCH) return { kind: 'refused', found: { ...found, state: 'unreadable', why: `${found.lostLog ? 'active.lock' : 'lock'}: its number, ${numberOf(found)}, has none after it` } };
      if (found.lostLog) {
        // Otherwise the claim is another file's, or the face is gone: judging again tells, and by the caller, so that nothing can go round for ever here.
        if (!(yield* restoreHead(input, found))) return { kind: 'raced' };
      } else if (found.head) {
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

/**
 * No face, and no claim after one's own last: then that is still the head, or it was collected, which is seen when
 * the next one is claimed. The claim stays open, so that its number can be no other file's.
 */
function* nothingAfter({ names, next }: Claim): Program<boolean> {
  if (yield* io.lstat(names.face)) return false;
  return !(yield* io.exists(next));
}

/** The number that the next claim counts on from. */
function numberOf({ lostLog, holder, epoch }: Survey): number {
  return lostLog ? holder?.epoch ?? epoch : epoch;
}

/** Without its claim the face would be taken for a leftover of an older epoch. */
function* restoreHead({ names }: AcquireInput, found: Survey): Program<boolean> {
  yield* io.mkdir(names.folder);
  return yield* linkNew(names.face, names.claim(numberOf(found)));
}

/** An empty log begins with a free claim, so that every claim has one before it whose standing can be checked. */
function* begin({ names, record }: AcquireInput): Program<void> {
  const first = yield* stake(names, record.token, freed({ ...record, epoch: 0 }));
  if (first) yield* io.close(first.handle);
}

/**
 * @param head of the claim `epoch`, judged to be over; it is kept open by the caller @param face what stood there when it was judged
 * @param own this process's, when the head is the last of them
 */
function* claimNext(input: AcquireInput, epoch: number, head: FileStat, face: FileStat | null, own: Claim[]): Program<Acquired> {
  const { names, keep = KEEP_CLAIMS } = input;
  const record = { ...input.record, epoch: epoch + 1 };
  const raised = own[0]?.epoch === record.epoch - keep ? own.shift() : undefined;
  const claim = yield* raised ? raise(raised, record) : stake(names, record.token, record);
  if (!claim) return { kind: 'raced' };
  let won = false;
  try {
    // Whoever slept since it judged may have linked far below the head, where old claims were collected; not if an older one than the head was there to raise.
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

function show({ names, record: { token } }: AcquireInput, claim: Claim, face: FileStat | null): Program<FaceResult> {
  return showFace(claim, names.aside(claim.epoch, token), (record, stat) => {
    if (sameFile(stat, face)) return true;
    return record?.epoch !== undefined && (record.epoch < claim.epoch || record.pid === NO_PID);
  });
}

function* closeAll(claims: readonly Claim[]): Program<void> {
  for (const { handle } of claims) yield* io.close(handle);
}
