import { sameFile } from './fs';
import { judge, type JudgeInput, type Verdict } from './judge';
import { close, look, type Seen } from './look';
import { epochsOf, type LockNames } from './names';
import { io, type Program } from './program';
import type { LockRecord } from './types';

/** What stands on disk at this moment. `end` closes what the survey keeps open. */
export interface Survey {
  readonly state: 'free' | 'dead' | 'live' | 'unreadable';
  readonly where?: 'here' | 'this-machine' | 'other-host';
  readonly why: string;
  /** The record that was judged; null when nothing readable stands there. */
  readonly holder: LockRecord | null;
  /** The highest claim; 0 when there is none. */
  readonly epoch: number;
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
    const epoch = epochsOf(yield* io.list(input.names.folder)).at(-1) ?? 0;
    const head = epoch === 0 ? null : yield* look(input.names.claim(epoch));
    // A head that vanished was collected, so there is a higher one by now.
    if (epoch !== 0 && !head) {
      yield* close(face);
      continue;
    }
    return { ...conclude(input, face, head, epoch), epoch, head, face };
  }
}

export function* end(seen: Survey): Program<void> {
  yield* close(seen.face);
  yield* close(seen.head);
}

type Conclusion = Omit<Survey, 'epoch' | 'head' | 'face'>;

function conclude(input: SurveyInput, face: Seen | null, head: Seen | null, epoch: number): Conclusion {
  if (face && !sameFile(face.stat, head?.stat ?? null)) {
    const foreign = foreignFace(input, face, epoch);
    if (foreign) return foreign;
  }
  if (!head) return { state: 'free', why: '', holder: null, lostLog: false };
  if (!head.record) return unreadable(input, head, 'claim');
  return asConclusion(judge(head.record, input), head.record, false);
}

/** A face that is not the head's: the command-line Weld's, a damaged one, one whose log was lost, or a leftover (null). */
function foreignFace(input: SurveyInput, face: Seen, epoch: number): Conclusion | null {
  if (!face.record) {
    const conclusion = unreadable(input, face, 'active.lock');
    return conclusion.state === 'unreadable' ? conclusion : null;
  }
  const of = face.record.epoch;
  if (of === undefined) {
    const verdict = judge(face.record, input);
    return verdict.kind === 'live' ? asConclusion(verdict, face.record, false) : null;
  }
  return of > epoch ? asConclusion(judge(face.record, input), face.record, true) : null;
}

function asConclusion(verdict: Verdict, holder: LockRecord, lostLog: boolean): Conclusion {
  if (verdict.kind === 'live') return { state: 'live', where: verdict.where, why: '', holder, lostLog };
  return { state: verdict.kind, why: verdict.kind === 'dead' ? verdict.why : '', holder, lostLog };
}

/** Somebody may be just writing it, so it counts as held while it is fresh; later it is a leftover. */
function unreadable({ now, observations, staleAfterMs }: SurveyInput, seen: Seen, what: string): Conclusion {
  const standing = observations.unchanged(`${seen.stat.ino} ${seen.stat.mtimeMs} ${seen.stat.size}`);
  const age = now - seen.stat.mtimeMs;
  const removable = seen.stat.kind === 'file';
  const old = removable && (age >= staleAfterMs || standing >= staleAfterMs);
  const why = `${what}: ${seen.fault}`;
  return old ? { state: 'dead', why, holder: null, lostLog: false } : { state: 'unreadable', why, holder: null, lostLog: false };
}
