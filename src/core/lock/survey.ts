import { sameFile } from './fs';
import { type JudgeInput, judge, type Verdict } from './judge';
import { close, look, type Seen } from './look';
import { claimName, type LockNames } from './names';
import { io, type Program } from './program';
import type { LockRecord } from './types';

/** What stands on disk at this moment. `end` closes what the survey keeps open. */
export interface Survey {
  readonly state: 'free' | 'dead' | 'live' | 'unreadable';
  readonly where?: 'here' | 'this-machine' | 'other-host';
  readonly why: string;
  /** The record that was judged; null when nothing readable stands there. */
  readonly holder: LockRecord | null;
  /** The highest claim; 0 also when there is none. */
  readonly epoch: number;
  /** Null when the log is empty. */
  readonly head: Seen | null;
  readonly face: Seen | null;
  /** The face tells of a claim above every claim that is there: the folder of claims was lost. */
  readonly lostLog: boolean;
}

export interface SurveyInput extends JudgeInput {
  readonly names: LockNames;
  /** Wall-clock ms since 1970. */
  readonly now: number;
}

/** Reads and judges; writes nothing. */
export function* survey(input: SurveyInput): Program<Survey> {
  for (;;) {
    // The face comes first: a successor's claim is there before its face, so a head read later is never older.
    const face = yield* look(input.names.face);
    const highest = yield* io.highestClaim(input.names.folder);
    const epoch = highest ?? 0;
    const head = highest === null ? null : yield* headOf(input.names.claim(highest), highest, face);
    // Where it is not the highest any more it may not even be that claim: one who slept may have linked its own by that
    // name, once the claim was collected.
    if (highest !== null && (!head || (yield* io.highestClaim(input.names.folder)) !== highest)) {
      yield* end({ face, head });
      continue;
    }
    return { ...conclude(input, face, head, epoch), epoch, head, face };
  }
}

/**
 * Mostly the face is the head's: then it is read already, but for a file that has been raised since from an older
 * claim.
 */
function* headOf(file: string, epoch: number, face: Seen | null): Program<Seen | null> {
  return face?.record?.epoch === epoch && (yield* io.is(file, face.stat)) ? face : yield* look(file);
}

export function* end({ face, head }: Pick<Survey, 'face' | 'head'>): Program<void> {
  yield* close(face);
  if (head !== face) yield* close(head);
}

type Conclusion = Omit<Survey, 'epoch' | 'head' | 'face'>;

function conclude(input: SurveyInput, face: Seen | null, head: Seen | null, epoch: number): Conclusion {
  const foreign = face && !sameFile(face.stat, head?.stat ?? null) ? foreignFace(input, face, epoch) : null;
  if (foreign && (foreign.state === 'live' || foreign.state === 'unreadable' || foreign.lostLog)) return foreign;
  const own = ofHead(input, head, epoch);
  // A leftover face on a free lock is told of, because it is about to be cleared.
  return own.state === 'free' && foreign ? foreign : own;
}

function ofHead(input: SurveyInput, head: Seen | null, epoch: number): Conclusion {
  if (!head) return { state: 'free', why: '', holder: null, lostLog: false };
  if (!head.record) return unreadable(input, head, `lock/${claimName(epoch)}`);
  return asConclusion(judge(head.record, input), head.record, false);
}

/**
 * A face that is not the head's: the command-line Weld's, a damaged one, one whose log was lost, or that of an older
 * claim (null).
 */
function foreignFace(input: SurveyInput, face: Seen, epoch: number): Conclusion | null {
  if (!face.record) return unreadable(input, face, 'active.lock');
  const of = face.record.epoch;
  if (of === undefined) return asConclusion(judge(face.record, input), face.record, false);
  return of > epoch ? asConclusion(judge(face.record, input), face.record, true) : null;
}

function asConclusion(verdict: Verdict, holder: LockRecord, lostLog: boolean): Conclusion {
  if (verdict.kind === 'live') return { state: 'live', where: verdict.where, why: '', holder, lostLog };
  return { state: verdict.kind, why: verdict.kind === 'dead' ? verdict.why : '', holder, lostLog };
}

/** Somebody may be just writing it, so it counts as held while it is fresh; later it is a leftover. */
function unreadable({ now, observations, staleAfterMs }: SurveyInput, seen: Seen, what: string): Conclusion {
  const standing = observations.unchanged(`${seen.stat.ino} ${seen.stat.mtimeMs} ${seen.stat.size}`);
  // A time far ahead says that the clock was set back since, which nobody who is just writing has lived through.
  const age = Math.abs(now - seen.stat.mtimeMs);
  // What is no file, or may not be read, is not for the lock to clear away.
  const removable = seen.stat.kind === 'file' && seen.handle !== null;
  const old = removable && (age >= staleAfterMs || standing >= staleAfterMs);
  return { state: old ? 'dead' : 'unreadable', why: `${what}: ${seen.fault}`, holder: null, lostLog: false };
}
