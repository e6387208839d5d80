import { removeFile } from '../artifacts/store';
import { checkCommands } from '../checks';
import { WeldError } from '../errors';
import type { Operation } from '../project';
import { isDone, iterationNumbers, readProgress } from './progress';
import { type SelectedStep, selectedStep } from './resolve';
import type { IterationRequest } from './types';
import { alive, beginWork, type Iteration, openIteration, save } from './work';

/**
 * Opens the iteration that was asked for, else the unfinished one, else a new one. A finished iteration is never
 * written again.
 */
export async function openRequested(op: Operation, request: IterationRequest): Promise<Iteration> {
  const step = await selectedStep(op.project, request.run, request.step);
  const { config } = await op.project.config();
  checkCommands(config);
  const n = await choose(step, request.iteration);
  const work = await beginWork(op, step, config, request, { title: (k) => `step ${step.n}, iteration ${k}` });
  alive(work);
  return openIteration(work, n);
}

async function choose(step: SelectedStep, wanted: number | undefined): Promise<number> {
  const latest = (await iterationNumbers(step)).at(-1) ?? 0;
  const open = latest > 0 && !(await isFinished(step, latest));
  const fallback = open ? latest : latest + 1;
  if (wanted === undefined || wanted === fallback) return fallback;
  if (wanted >= 1 && wanted <= latest)
    throw new WeldError(
      'INVALID_ARGUMENT',
      `Iteration ${wanted} of step ${step.n} is finished and stays as it is; leave the number out to begin ` +
        `iteration ${fallback}.`,
    );
  throw new WeldError(
    'ITERATION_NOT_FOUND',
    `Step ${step.n} has no iteration ${wanted}; leave the number out to begin iteration ${fallback}.`,
  );
}

async function isFinished(step: SelectedStep, n: number): Promise<boolean> {
  const progress = await readProgress(step, n);
  return progress === null || isDone(progress, 'verdict');
}

/** From here on the changes are the person's, however far an agent had come. */
export async function begin(it: Iteration): Promise<void> {
  await save(it, {}, 'implement');
  await removeFile(it.work.op.lock, it.work.step.paths.completed);
}
