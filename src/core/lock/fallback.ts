import { WeldError } from '../errors';
import { admits } from './acquire';
import { describeHolder } from './describe';
import { realFolders } from './folders';
import { nodeFs } from './fs';
import type { Keeping } from './hold';
import { KeepFolder } from './keepFolder';
import { displaceFolder, FOLDER_STALE_MS, type LockFolder, takeFolder } from './lockFolder';
import { runNow } from './program';
import { removeJudged } from './removeJudged';
import { refusal, stateOf } from './state';
import { end, type Survey, type SurveyInput, survey } from './survey';
import type { LockRecord } from './types';

export type Outcome =
  | { readonly kind: 'acquired'; readonly keeping: Keeping }
  | { readonly kind: 'refused'; readonly error: WeldError }
  /** Somebody else moved at the same time; judging again tells who has it. */
  | { readonly kind: 'raced' };

/**
 * One attempt where hard links do not exist: `proper-lockfile` is the lock and `active.lock` its record for people and
 * other tools. It is held only as long as both are this process's own.
 * @param record what `active.lock` is to say @param takeOver a live holder with this token may be displaced
 */
export async function acquireByLockfile(
  input: SurveyInput,
  record: LockRecord,
  takeOver: string | undefined,
): Promise<Outcome> {
  const { names } = input;
  const wrong = realFolders(names);
  if (wrong) return { kind: 'refused', error: wrong };
  const before = judged(input);
  if (!admits(before, takeOver)) return { kind: 'refused', error: refusal(stateOf(before)) };
  if (before.state === 'live' && !displaceFolder(names, () => judged(input).holder?.token === takeOver))
    return { kind: 'raced' };
  const folder = await takeFolder(names);
  if (!folder) return { kind: 'refused', error: busy(before, input.now) };
  let got: Outcome = { kind: 'raced' };
  try {
    got = under(folder, input, record, takeOver);
  } finally {
    if (got.kind !== 'acquired') await folder.giveBack();
  }
  return got;
}

/** The folder is ours; the command-line Weld, which knows nothing of it, may have come meanwhile. */
function under(folder: LockFolder, input: SurveyInput, record: LockRecord, takeOver: string | undefined): Outcome {
  const { names } = input;
  const now = judged(input);
  if (!admits(now, takeOver)) return { kind: 'refused', error: refusal(stateOf(now)) };
  const face = now.face?.stat;
  if (face && !removeJudged(names, names.face, (file) => nodeFs.is(file, face))) return { kind: 'raced' };
  // Without an epoch it is judged by its process alone, as there is no log of claims here.
  const { epoch: _none, ...shown } = record;
  const keeping = KeepFolder.show(names, folder, shown, () => judged(input).holder);
  if (!keeping) return { kind: 'raced' };
  if (keeping.assert()) return { kind: 'acquired', keeping };
  keeping.lose();
  return { kind: 'raced' };
}

function judged(input: SurveyInput): Survey {
  const found = runNow(nodeFs, survey(input));
  runNow(nodeFs, end(found));
  return found;
}

/** Nobody holds it by what `active.lock` says, and yet the folder is somebody's. */
function busy({ holder, state, why }: Survey, now: number): WeldError {
  const sentence =
    state === 'dead' && holder
      ? `The run lock was left by ${describeHolder(holder, now)}, but ${why}; on this file system it can be taken ` +
        `${FOLDER_STALE_MS / 1000} s after its last sign, so ` +
        'try again then.'
      : 'Another process is just taking the run lock; wait a moment and try again.';
  return new WeldError('LOCK_UNREADABLE', sentence, { action: { title: 'Show Lock', command: 'weld.lock.show' } });
}
