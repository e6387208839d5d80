import * as vscode from 'vscode';
import { parseRunId, type RunId } from '../core/artifacts/runIds';
import { listRuns, readRun } from '../core/runs/listRuns';
import { readStepState } from '../core/steps/state/read';
import { isThrough, type StepState, type StepStateKind } from '../core/steps/state/states';
import { WeldError } from '../core/util/errors';
import { COMMANDS } from '../ids';
import { button, ErrorWithChoice } from '../platform/invoke';
import type { Repository } from '../platform/repositories';
import { ago, runName } from '../ui/format';
import type { Context, Services } from './define';

/** Maximum number of runs to choose from; the tree shows older ones. */
const MAX_RUNS = 100;

/**
 * Finds the run: the given one, the only one, or the one that the person picks.
 * @throws WeldError `RUN_NOT_FOUND` when there is no run
 */
export async function askRun(
  { services, repository }: Context,
  given: { readonly runId?: string | undefined },
  title: string,
): Promise<{ runId: string } | undefined> {
  if (given.runId !== undefined) return { runId: given.runId };
  const { project } = repository;
  const runs = (await listRuns(project, { limit: MAX_RUNS })).flatMap((run) =>
    run.kind === 'run' && !run.meta.abandoned ? [run] : [],
  );
  const [only] = runs;
  if (!only)
    throw new ErrorWithChoice(
      'RUN_NOT_FOUND',
      'There is no run yet; start one from a specification.',
      button('Start Run…', COMMANDS.runStart),
    );
  if (runs.length === 1) return { runId: only.id };
  const last = services.memory.lastRun(project.top);
  const now = Date.now();
  const items = runs
    .map(({ id, meta }) => ({
      label: runName(id),
      description: ago(Date.parse(meta.updated_at), now),
      ...(id === last && { detail: 'worked on last' }),
      id,
    }))
    .sort((a, b) => Number(b.id === last) - Number(a.id === last));
  const picked = await vscode.window.showQuickPick(items, {
    title: `Weld: ${title}`,
    placeHolder: 'Which run?',
    matchOnDescription: true,
  });
  return picked && { runId: picked.id };
}

const STATE_ICONS: Record<StepStateKind, string> = {
  'not-selected': '$(circle-outline)',
  selected: '$(target)',
  'in-progress': '$(debug-pause)',
  failed: '$(error)',
  passed: '$(pass)',
  committed: '$(pass-filled)',
  skipped: '$(debug-step-over)',
  damaged: '$(warning)',
  'passed-elsewhere': '$(question)',
  'changed-since': '$(warning)',
  'passed-by-0.1': '$(question)',
};

/** Finds the run and the step; the open step is the first choice. @throws WeldError `NO_PLAN`, `NO_STEPS` */
export async function askStep(
  context: Context,
  given: { readonly runId?: string | undefined; readonly step?: number | undefined },
  title: string,
): Promise<{ runId: string; step: number } | undefined> {
  const run = await askRun(context, given, title);
  if (!run) return undefined;
  if (given.step !== undefined) return { ...given, ...run, step: given.step };
  const steps = await stepsOf(context, parseRunId(run.runId));
  const preferred = context.services.memory.lastStep(context.repository.project.top, run.runId);
  const open = (step: StepState): boolean => !isThrough(step.state);
  const first = steps.find((step) => step.n === preferred && open(step)) ?? steps.find(open);
  const items = [...steps]
    .sort((a, b) => Number(b === first) - Number(a === first))
    .map((step) => ({
      label: `${STATE_ICONS[step.state]} ${step.n} ${step.title}`,
      description: step.state === 'not-selected' ? '' : (step.why ?? step.state),
      n: step.n,
    }));
  const picked = await vscode.window.showQuickPick(items, {
    title: `Weld: ${title}`,
    placeHolder: `Which step of ${runName(run.runId)}?`,
    matchOnDescription: true,
  });
  return picked && { ...given, ...run, step: picked.n };
}

/** Finds the run, step and iteration. @throws WeldError `ITERATION_NOT_FOUND` when there is no iteration */
export async function askIteration(
  context: Context,
  given: {
    readonly runId?: string | undefined;
    readonly step?: number | undefined;
    readonly iteration?: number | undefined;
  },
  title: string,
): Promise<{ runId: string; step: number; iteration: number } | undefined> {
  const at = await askStep(context, given, title);
  if (!at) return undefined;
  if (given.iteration !== undefined) return { ...at, iteration: given.iteration };
  const iterations = [
    ...(await readStepState(context.repository.project, parseRunId(at.runId), at.step)).iterations,
  ].reverse();
  const latest = iterations[0]?.n;
  if (latest === undefined)
    throw new WeldError('ITERATION_NOT_FOUND', `Step ${at.step} has no iteration yet; run its loop first.`);
  if (iterations.length === 1) return { ...at, iteration: latest };
  const items = iterations.map(({ n, state, why }) => ({ label: `Iteration ${n}`, description: why ?? state, n }));
  const picked = await vscode.window.showQuickPick(items, {
    title: `Weld: ${title}`,
    placeHolder: `Which iteration of step ${at.step}?`,
  });
  return picked && { ...at, iteration: picked.n };
}

async function stepsOf({ repository }: Context, runId: RunId): Promise<readonly StepState[]> {
  const { steps, plan } = await readRun(repository.project, runId);
  if (steps.length > 0) return steps;
  throw new ErrorWithChoice(
    plan ? 'NO_STEPS' : 'NO_PLAN',
    'This run has no plan yet; generate or import one first.',
    button('Generate Plan', COMMANDS.planGenerate, { folder: repository.project.top, runId }),
  );
}

/** Finds the repository: the given folder's, the active editor's, the only one, or the one that the person picks. */
export async function askRepository(
  { repositories }: Services,
  folder: string | undefined,
): Promise<Repository | undefined> {
  if (folder !== undefined || repositories.folders.length < 2 || !repositories.undecided)
    return repositories.resolve(folder);
  const all = await repositories.all();
  if (all.length < 2) return all[0] ?? repositories.resolve();
  const items = all.map((repository) => ({
    label: `$(repo) ${repository.name}`,
    description: repository.project.top,
    repository,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Weld', placeHolder: 'Select a repository' }))?.repository;
}
