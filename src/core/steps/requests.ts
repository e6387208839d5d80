import type { RunId, StepKey } from '../artifacts/runIds';
import { PHASES, type StepRecord, StepRecordSchema } from '../artifacts/schemas';
import { readRecord, removeFile, writeRecord, writeText } from '../artifacts/store';
import { checkCommands } from '../checks';
import { leftOutPaths } from '../git/git';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { needAgent } from './askAgent';
import { feedbackOf, readFeedback } from './feedback';
import { asError } from './loopStop';
import { fixPrompt } from './prompts/changePrompts';
import { resolveStep, type SelectedStep, selectedStep } from './resolveStep';
import type { IterationRequest, ReviewResult, SnapshotResult, StepRequest } from './results';
import { refresh, runPhases } from './runPhases';
import { RunSeals, recordDigest } from './seals/stepSeals';
import { recordOf, sameText, writePrompt } from './select';
import { isDone, iterationNumbers, readProgress } from './stepProgress';
import { alive, beginWork, type Iteration, openIteration, save } from './work';

/**
 * Opens the requested iteration, else the unfinished one, else a new one. A finished iteration is never written again.
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
  const progress = latest > 0 ? await readProgress(step, latest) : null;
  const fallback = progress && !isDone(progress, 'verdict') ? latest : latest + 1;
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

/**
 * Marks the phase `implement` as done: from here on the changes count as the person's, even if an agent made part of
 * them.
 */
export async function begin(it: Iteration): Promise<void> {
  await save(it, {}, 'implement');
  await removeFile(it.work.op.lock, it.work.step.paths.completed);
}

/**
 * Reviews and judges an iteration: the unfinished one, or a new one from the current work tree. Captures the changes
 * and runs the checks first if they are missing or older than the tree.
 * @throws WeldError `NEEDS_PERSON`, `AGENT_FAILED`
 */
export async function reviewIteration(op: Operation, request: IterationRequest): Promise<ReviewResult> {
  const it = await openRequested(op, request);
  await needAgent(op, 'implementation_review', 'run it from the editor', it.work.config);
  await begin(it);
  try {
    await refresh(it);
    await runPhases(it, 'verdict');
  } catch (error) {
    throw asError(error);
  }
  return { iteration: it.n, pass: it.status?.pass === true, issues: it.memory.issues?.issues ?? [] };
}

/**
 * *Run Checks*: captures the work tree and runs the checks, in the unfinished iteration or a new one. No agent is
 * called, whoever made the changes.
 */
export async function snapshot(op: Operation, request: IterationRequest): Promise<SnapshotResult> {
  const it = await openRequested(op, request);
  await begin(it);
  // The person wants new results, so earlier checks of this iteration no longer count.
  await save(it, {
    done: it.progress.done.filter((phase) => PHASES.indexOf(phase) < PHASES.indexOf('diff')),
    review: null,
  });
  await runPhases(it, 'checks');
  const { checks } = it.memory;
  if (!checks) throw new WeldError('INTERNAL', 'The checks ended without a result.');
  return {
    iteration: it.n,
    checks,
    diffEmpty: it.progress.tree === it.work.step.base,
    ...leftOutPaths(it.progress.left_out),
  };
}

/**
 * Writes the prompt to fix what an iteration left wrong. A person can give it to any agent.
 * @returns its absolute path and the iteration
 * @throws WeldError `ITERATION_NOT_FOUND` if there is nothing to fix
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

/**
 * Copies a step's text and criteria from the current plan, even after its first iteration. The base and the iterations
 * stay; the next review uses the new text.
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

/** Marks a step as skipped, with the reason, or removes that mark. Its iterations stay. */
export async function skipStep(
  op: Operation,
  request: StepRequest & { readonly reason?: string | undefined; readonly undo?: boolean | undefined },
): Promise<void> {
  const step = await resolveStep(op.project, request.run, request.step);
  if (request.undo) await removeFile(op.lock, step.paths.skipped);
  else
    await writeText(
      op.lock,
      step.paths.skipped,
      `${op.project.now().toISOString()}\n${request.reason?.trim() ?? ''}\n`,
    );
}

/**
 * Deletes the refs by which a run keeps trees in git (bases, iterations, states before a restore). Its files stay.
 * @param steps only these, such as those just committed; omitted: all, as when the run is abandoned
 */
export async function pruneRefs(op: Operation, run: RunId, steps?: readonly StepKey[]): Promise<void> {
  const seals = await RunSeals.read(op.project, run);
  for (const key of steps ?? seals.keys) await seals.of(key).end(op.lock);
  const prefixes = steps ? steps.map((key) => `refs/weld/${run}/${key}/`) : [`refs/weld/${run}/`];
  for (const prefix of prefixes) await op.project.git.deleteRefs(op.lock, prefix);
}
