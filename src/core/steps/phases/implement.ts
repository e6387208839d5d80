import type { StepProgress } from '../../artifacts/schemas';
import { readText, removeFile, writeText } from '../../artifacts/store';
import type { Task } from '../../config/providers';
import { type CapturedTree, iterationRef, leftOutLine } from '../../git/git';
import { showBytes } from '../../git/names';
import { binaryFiles } from '../../git/texts';
import { WeldError } from '../../util/errors';
import { listed } from '../../util/text';
import { ask } from '../ask';
import { runBaseline } from '../conditions/baseline';
import { readFeedback } from '../feedback';
import { digestOf } from '../memory';
import { fixPrompt } from '../prompts/changePrompts';
import { type Iteration, save, saveTiming, type Work } from '../work';

/** Has an agent implement the step, or fix what an earlier iteration left wrong. */
export async function implement(it: Iteration): Promise<void> {
  const { work, paths } = it;
  await work.hooks.beforeReadingTree?.();
  const { task, prompt } = await assignment(it);
  // Saved before the agent starts, so that the iteration is known to have begun however it ends.
  await save(it);
  await removeFile(work.op.lock, work.step.paths.completed);
  await runBaseline(it);
  it.seen = null;
  const answer = await ask(it, { task, prompt, access: 'edit' });
  await writeText(work.op.lock, paths.answer, answer.text);
  await saveTiming(it, 'ai_invocation_ms');
  await save(it, {}, 'implement');
}

/** The first task of an iteration: a fix if an earlier iteration left something to fix. */
export async function firstTask(work: Work, iteration: number): Promise<Task> {
  return (await readFeedback(work.step, iteration)) ? 'fix_generation' : 'implementation';
}

async function assignment(it: Iteration): Promise<{ readonly task: Task; readonly prompt: string }> {
  const { work } = it;
  const feedback = await readFeedback(work.step, it.n);
  if (feedback) {
    const prompt = fixPrompt({ record: work.step.record, ...feedback });
    await writeText(work.op.lock, work.step.paths.fixPrompt(feedback.iteration), prompt);
    work.wrote = true;
    return { task: 'fix_generation', prompt };
  }
  const prompt = await readText(work.step.paths.implPrompt);
  if (prompt === null)
    throw new WeldError('STEP_NOT_SELECTED', `The prompt of step ${work.step.n} is missing; select the step again.`);
  return { task: 'implementation', prompt };
}

/** Keeps the work tree under the iteration's ref and writes its patch against the step's base. */
export async function capture(it: Iteration): Promise<void> {
  const { work } = it;
  const { op } = work;
  await work.hooks.beforeReadingTree?.();
  const seen = await op.project.git.captureTree(op.lock, { signal: work.signal });
  const { leftOut } = seen;
  const changes = await keepTree(it, seen);
  if (leftOut.length > 0) op.report({ message: `${work.title(it.n)}: ${leftOutLine(leftOut)}` });
  await saveTiming(it);
  await save(it, { ...changes, checked_tree: null, unsettled: [] }, 'diff');
}

/**
 * Makes a tree the subject of the iteration: keeps it under the iteration's ref and writes its patch.
 * @returns the matching fields of its progress
 */
export async function keepTree(
  it: Iteration,
  seen: CapturedTree,
): Promise<Pick<StepProgress, 'tree' | 'left_out' | 'digests' | 'notices'>> {
  const { op, step } = it.work;
  const { tree, leftOut } = seen;
  it.work.wrote = true;
  it.seen = seen;
  const { git } = op.project;
  const [patch] = await Promise.all([
    git.diff(step.base, tree),
    git.writeRef(op.lock, iterationRef(step.run, step.key, it.n), tree, 'replace'),
  ]);
  await writeText(op.lock, it.paths.diff, patch);
  const unshown = binaryFiles(showBytes(patch));
  const notices =
    unshown.length === 0
      ? it.progress.notices
      : [
          ...new Set([
            ...it.progress.notices,
            `The patch shows no text of files that git treats as binary: ${listed(unshown)}.`,
          ]),
        ];
  return {
    notices,
    tree,
    left_out: leftOut.map(({ path, why }) => ({ path, why })),
    digests: { ...it.progress.digests, 'diff.patch': digestOf(patch) },
  };
}
