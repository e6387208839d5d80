import { isErrno } from '../errors';
import { stake } from './claim';
import { type Claimed, type ClaimInput, claimNext } from './claimNext';
import { linkNew } from './link';
import type { Seen } from './look';
import { LAST_EPOCH } from './names';
import { io, type Program } from './program';
import { freed } from './record';
import { end, type Survey, type SurveyInput, survey } from './survey';

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
function* markDisplaced(file: string, { record, stat }: Seen): Program<boolean> {
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
  const first = yield* stake(names, record.token, freed({ ...record, epoch: 0 }));
  if (first) yield* io.close(first.handle);
}
