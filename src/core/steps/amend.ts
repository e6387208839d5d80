import { type StepRecord, StepRecordSchema } from '../artifacts/schemas';
import { readRecord, writeRecord } from '../artifacts/store';
import { WeldError } from '../errors';
import type { Operation } from '../project';
import { resolveStep } from './resolve';
import { recordDigest } from './seals/stepSeals';
import { recordOf, sameText, writePrompt } from './select';
import type { StepRequest } from './types';

/**
 * Takes a step's text and criteria over from the plan in force, also after its first iteration. The base and the
 * iterations stay; the next review judges by the new text.
 * @returns whether anything differed
 */
export async function amendStep(
  op: Operation,
  request: StepRequest,
): Promise<{ readonly changed: boolean; readonly record: StepRecord }> {
  const step = await resolveStep(op.project, request.run, request.step);
  const record = await readRecord(step.paths.record, StepRecordSchema);
  if (!record)
    throw new WeldError(
      'STEP_NOT_SELECTED',
      `Step ${step.n} has not been selected; select it, and it has the plan's text.`,
    );
  if (!step.planned)
    throw new WeldError('STEP_NOT_FOUND', `The current plan has no step ${step.n}, so there is nothing to take over.`);
  const planned = recordOf(step.planned);
  if (sameText(record, planned)) {
    if (step.seals.record !== recordDigest(record)) await step.seals.amend(op.lock, record);
    return { changed: false, record };
  }
  const next = { ...record, ...planned };
  await writeRecord(op.lock, step.paths.record, StepRecordSchema, next);
  await step.seals.amend(op.lock, next);
  await writePrompt(op, step, next);
  return { changed: true, record: next };
}
