import { makeWeldFolder } from '../artifacts/create';
import type { RunId } from '../artifacts/runIds';
import { FOUND_REF, KEPT_REF, WORK_TREE_REFS } from '../git/git';
import { withGitSignal } from '../git/runGit';
import { acquireRunLock, inspectLock, LockLostError } from '../lock';
import type { RunLock } from '../lock/runLock';
import type { Guest } from '../process/ports';
import type { GuardedOperation, Project } from '../project';
import { WeldError } from '../util/errors';
import { isPresent } from '../util/files';
import { withGrace } from './launcher';
import { bringBackMissing, currentState, type Found, firstFew, type Kept, putBack } from './putBack';
import { judgeRepository, type RepositoryState, repositoryState } from './repositoryState';

/** The state before a guest's work. */
interface Before extends RepositoryState, Kept {}

/**
 * Runs a guest while git keeps a copy of `.weld`, and afterwards restores what the guest must not change: a single
 * `git clean -fdx` would remove every run. People may edit their texts (plan, research, prompts) in the meantime.
 * @returns the result of `work`, and what the guest did beyond its task
 * @throws WeldError `LOCK_LOST` if the lock was removed too; the runs are restored by then
 */
export async function runNoticed<T>(
  op: GuardedOperation,
  guest: Guest,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly found: Found }> {
  const { project, lock } = op;
  // A copy left by a killed process may be all that remains of removed runs, so keepWeld never replaces it.
  const [state, kept] = await withGitSignal(op.signal, () =>
    Promise.all([repositoryState(project, 'noticed'), project.git.keepWeld(lock, op.signal)]),
  );
  const lost = project.git.weldNotKept();
  const before = { ...state, kept, whole: lost.length === 0, removals: lock.removals };
  let result: T;
  try {
    result = await work();
    lock.assertHeld();
  } catch (error) {
    throw await afterFailure(op, guest, before, error);
  }
  const found = await settle(op, lock, guest, before);
  const notKept =
    lost.length === 0
      ? []
      : [`Some files below .weld could not be kept while ${guest.label} worked: ${firstFew(lost)}.`];
  return { result, found: { ...found, warnings: [...notKept, ...found.warnings] } };
}

function settle(op: GuardedOperation, lock: RunLock, guest: Guest, before: Before): Promise<Found> {
  const { project } = op;
  return withGrace(op, async (signal) => {
    const [found, now] = await Promise.all([
      judgeRepository(project, lock, guest, before),
      currentState(project, lock, before.kept, signal),
    ]);
    const { violations, warnings } = await putBack(project, lock, guest.label, before, now, signal);
    if (now !== before.kept) await project.git.deleteRef(lock, FOUND_REF, now);
    await project.git.deleteRef(lock, KEPT_REF, before.kept);
    return { violations: [...violations, ...found], warnings };
  });
}

/** Restores what the guest changed if its work failed. @returns the error to throw */
async function afterFailure(op: GuardedOperation, guest: Guest, before: Before, error: unknown): Promise<unknown> {
  const { project, lock } = op;
  try {
    const violation = isHeld(lock)
      ? sentenceOf(await settle(op, lock, guest, before))
      : await settleWithoutLock(op, lock.record.run_id, guest, before);
    if (violation === null) return error;
    if (isHeld(lock)) return new WeldError('VIOLATION', violation, { cause: error });
    return new LockLostError(violation);
  } catch (failed) {
    project.log.error(
      `What was done to .weld while ${guest.label} worked could not be checked; git keeps what was there as ` +
        `${KEPT_REF}, and the next command brings back ` +
        'what is missing.',
      failed,
    );
    return error;
  }
}

/** The same after the lock was removed. @returns null also if another process took it: that process then recovers */
async function settleWithoutLock(
  op: GuardedOperation,
  runId: string,
  guest: Guest,
  before: Before,
): Promise<string | null> {
  const { project } = op;
  const { root } = project.paths;
  if ((await inspectLock(root)).kind !== 'free' || (await project.git.readRef(KEPT_REF)) !== before.kept) return null;
  const gone = !(await isPresent(root));
  await makeWeldFolder(project.paths);
  await using lock = await acquireRunLock(root, { runId, command: 'bring runs back' });
  const violation = sentenceOf(await settle(op, lock, guest, before));
  if (gone)
    return (
      `While ${guest.label} worked, .weld was removed and the run lock with it; the runs are back as they were ` +
      'before; continue when you are ready.'
    );
  return violation && `The run lock was removed while ${guest.label} worked. ${violation}`;
}

/** Whether git still keeps a run because Weld was killed while an agent worked. */
export async function isKept(project: Project, runId: RunId): Promise<boolean> {
  const kept = await project.git.readRef(KEPT_REF);
  return kept !== null && (await project.git.readFile(kept, `runs/${runId}/meta.json`)) !== null;
}

/**
 * Brings back files that are missing below `.weld` after Weld was killed while an agent worked. It restores only what
 * is missing, because another program may have written since. Call it first under a new lock.
 */
export async function recoverKept(project: Project, lock: RunLock): Promise<void> {
  const kept = await project.git.readRef(KEPT_REF);
  if (kept === null) return;
  const missing = await bringBackMissing(project, lock, kept);
  await project.git.deleteRefs(lock, WORK_TREE_REFS);
  if (missing.length > 0)
    project.log.warn(
      'An agent was at work when Weld was ended, and files of .weld were removed since; they are back: ' +
        `${firstFew(missing)}.`,
    );
}

const sentenceOf = ({ violations }: Found): string | null => (violations.length === 0 ? null : violations.join(' '));

function isHeld(lock: RunLock): boolean {
  try {
    lock.assertHeld();
    return true;
  } catch (error) {
    if (error instanceof WeldError && error.code === 'LOCK_LOST') return false;
    throw error;
  }
}
