import { giveUp, stake, type Claim } from './claim';
import { collect } from './collect';
import { showFace } from './face';
import { sameFile, type FileStat } from './fs';
import { assertClaim } from './held';
import { linkNew } from './link';
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
  /** This process's own last claim, freed and still open: when nothing came after it, there is nothing to read. */
  readonly last?: LastClaim;
  /** Takes a claim that was to be given up and could not be. */
  readonly owed?: (claim: Claim) => void;
  /** Claims kept for whoever judges at this moment; default 16. */
  readonly keep?: number;
}

export interface LastClaim {
  readonly epoch: number;
  readonly stat: FileStat;
}

export type Acquired =
  | { readonly kind: 'acquired'; readonly claim: Claim }
  | { readonly kind: 'refused'; readonly found: Pick<Survey, 'state' | 'where' | 'why' | 'holder' | 'epoch'> }
  /** Somebody else moved at the same time; judging again tells who has it. */
  | { readonly kind: 'raced' };

/** One attempt to become the holder. Refused, it has written nothing. */
export function* acquire(input: AcquireInput): Program<Acquired> {
  if (input.last && (yield* nothingAfter(input, input.last))) return yield* claimNext(input, input.last.epoch, input.last.stat, null, true);
  for (;;) {
    const found = yield* survey(input);
    try {
      if (!admits(found, input.takeOver)) return { kind: 'refused', found };
      if (numberOf(found) >= LAST_EPOCH) return { kind: 'refused', found: { ...found, state: 'unreadable', why: `${found.lostLog ? 'active.lock' : 'lock'}: its number, ${numberOf(found)}, has none after it` } };
      if (found.lostLog) {
        // Otherwise the claim is another file's, or the face is gone: judging again tells, and by the caller, so that nothing can go round for ever here.
        if (!(yield* restoreHead(input, found))) return { kind: 'raced' };
      } else if (found.head) {
        // Of many that meet most come too late, and a look is cheaper than a record that is written for nothing.
        if (yield* io.exists(input.names.claim(found.epoch + 1))) return { kind: 'raced' };
        return yield* claimNext(input, found.epoch, found.head.stat, found.face?.stat ?? null, false);
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
function* nothingAfter({ names }: AcquireInput, last: LastClaim): Program<boolean> {
  if (yield* io.lstat(names.face)) return false;
  return !(yield* io.exists(names.claim(last.epoch + 1)));
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

/** @param head of the claim `epoch`, judged to be over; it is kept open by the caller @param face what stood there when it was judged @param own it is this process's last one */
function* claimNext(input: AcquireInput, epoch: number, head: FileStat, face: FileStat | null, own: boolean): Program<Acquired> {
  const { names } = input;
  const claim = yield* stake(names, input.record.token, { ...input.record, epoch: epoch + 1 });
  if (!claim) return { kind: 'raced' };
  let won = false;
  try {
    won = yield* makeHolder(input, claim, head, face, own);
  } finally {
    if (!won && !(yield* giveUp(claim))) input.owed?.(claim);
  }
  return won ? { kind: 'acquired', claim } : { kind: 'raced' };
}

function* makeHolder(input: AcquireInput, claim: Claim, head: FileStat, face: FileStat | null, own: boolean): Program<boolean> {
  const { names, keep = KEEP_CLAIMS } = input;
  // Whoever slept since it judged may have linked far below the head, where old claims were collected.
  if (!(yield* io.is(names.claim(claim.epoch - 1), head))) return false;
  const shown = yield* showFace(claim, names.aside(claim.epoch, input.record.token), (record, stat) => {
    if (sameFile(stat, face)) return true;
    return record?.epoch !== undefined && (record.epoch < claim.epoch || record.pid === NO_PID);
  });
  if (shown === 'foreign') return false;
  // One's own turns leave nothing but claims behind, so they collect now and then; after anybody else's it is done at once.
  if (!own || claim.epoch % keep === 0) yield* collect(claim, keep);
  return yield* assertClaim(claim);
}
