import type { Task } from '../../agents/types';
import { readText, removeFile, writeText } from '../../artifacts/store';
import { WeldError } from '../../errors';
import { ask } from '../ask';
import { runBaseline } from '../conditions/baseline';
import { readFeedback } from '../feedback';
import { fixPrompt } from '../prompts/fix';
import { type Iteration, save, saveTiming, type Work } from '../work';

/** Has the step implemented, or what an earlier iteration left wrong fixed. */
export async function implement(it: Iteration): Promise<void> {
  const { work, paths } = it;
  await work.hooks.beforeReadingTree?.();
  const { task, prompt } = await assignment(it);
  // On disk before the agent starts: whatever ends it, this iteration is known to have begun.
  await save(it);
  await removeFile(work.op.lock, work.step.paths.completed);
  await runBaseline(it);
  it.seen = null;
  const answer = await ask(it, { task, prompt, access: 'edit' });
  await writeText(work.op.lock, paths.answer, answer.text);
  await saveTiming(it, 'ai_invocation_ms');
  await save(it, {}, 'implement');
}

/** Which task an iteration begins with: a fix as soon as an earlier one has left something to fix. */
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
