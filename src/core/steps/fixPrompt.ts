import { writeText } from '../artifacts/store';
import { WeldError } from '../errors';
import type { Operation } from '../project';
import { feedbackOf, readFeedback } from './feedback';
import { fixPrompt } from './prompts/fix';
import { selectedStep } from './resolve';
import type { IterationRequest } from './types';

/**
 * Writes the prompt that asks to fix what an iteration left wrong, for a person to give to whom they like.
 * @returns its absolute path @throws WeldError `ITERATION_NOT_FOUND` when there is nothing to fix
 */
export async function writeFixPrompt(
  op: Operation,
  request: IterationRequest,
): Promise<{ readonly path: string; readonly iteration: number }> {
  const step = await selectedStep(op.project, request.run, request.step);
  const feedback =
    request.iteration === undefined
      ? await readFeedback(step, Number.MAX_SAFE_INTEGER)
      : await feedbackOf(step, request.iteration);
  if (feedback === null || feedback === 'passed')
    throw new WeldError(
      'ITERATION_NOT_FOUND',
      `Step ${step.n} has nothing to ` +
        `fix${request.iteration === undefined ? '' : ` in iteration ${request.iteration}`}; run its ` +
        'checks or a ' +
        'review first.',
    );
  const path = step.paths.fixPrompt(feedback.iteration);
  await writeText(op.lock, path, fixPrompt({ record: step.record, ...feedback }));
  return { path, iteration: feedback.iteration };
}
