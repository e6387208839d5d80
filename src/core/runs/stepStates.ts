import type { RunId, StepKey } from '../artifacts/ids';
import type { StepPaths } from '../artifacts/paths';
import { readRecord, readText } from '../artifacts/store';
import { PHASES, StatusSchema, StepRecordSchema } from '../artifacts/schemas';
import { reason } from '../errors';
import type { Plan } from '../plan/types';
import type { Project } from '../project';
import { iterationNumbers, readProgress } from '../steps/progress';
import { folderFor, keyOf, numberOf, stepFolders } from '../steps/resolve';

/**
 * `pending`: not selected · `selected`: no iteration yet · `unfinished`: an iteration stopped in the midst ·
 * `failed` and `passed`: the last verdict · `completed`: committed · `skipped` · `damaged`: a file of it cannot be read
 */
export type StepStateKind = 'pending' | 'selected' | 'unfinished' | 'failed' | 'passed' | 'completed' | 'skipped' | 'damaged';

export interface StepInRun {
  readonly n: number;
  readonly title: string;
  readonly key: StepKey;
  readonly state: StepStateKind;
  /** The number of the last iteration; 0 when there is none. */
  readonly iterations: number;
  /** False for a step that was selected once and is no longer in the plan. */
  readonly planned: boolean;
  /** For `damaged`: which file and what is wrong with it. */
  readonly why?: string;
}

/** The steps of the plan in force, in its order, then those that only have a folder. */
export async function stepsInRun(project: Project, runId: RunId, plan: Plan | null): Promise<readonly StepInRun[]> {
  const run = project.paths.run(runId);
  const folders = await stepFolders(run);
  const planned = (plan?.steps ?? []).map((step) => ({ n: step.n, title: step.title, key: plan ? folderFor(step, plan, folders) : keyOf(step), planned: true }));
  const claimed = new Set(planned.map((step) => step.key));
  const left = folders.filter((key) => !claimed.has(key)).map((key) => ({ n: numberOf(key), title: '', key, planned: false }));
  return await Promise.all([...planned, ...left].map(async (step) => ({ ...step, ...(await stateOf(run.step(step.key), step.title)) })));
}

async function stateOf(paths: StepPaths, title: string): Promise<Pick<StepInRun, 'state' | 'iterations' | 'title' | 'why'>> {
  try {
    const record = await readRecord(paths.record, StepRecordSchema);
    if (!record) return { state: (await isThere(paths.skipped)) ? 'skipped' : 'pending', iterations: 0, title };
    const numbers = await iterationNumbers(paths);
    const last = numbers.at(-1);
    const about = { iterations: last ?? 0, title: title === '' ? record.title : title };
    if (await isThere(paths.skipped)) return { ...about, state: 'skipped' };
    if (await isThere(paths.completed)) return { ...about, state: 'completed' };
    return { ...about, state: last === undefined ? 'selected' : await verdictOf(paths, last) };
  } catch (error) {
    return { state: 'damaged', iterations: 0, title, why: reason(error) };
  }
}

async function verdictOf(paths: StepPaths, iteration: number): Promise<StepStateKind> {
  const [status, progress] = await Promise.all([readRecord(paths.iteration(iteration).status, StatusSchema), readProgress(paths, iteration)]);
  if (!status || (progress && !PHASES.every((phase) => progress.done.includes(phase)))) return 'unfinished';
  return status.pass ? 'passed' : 'failed';
}

const isThere = async (file: string): Promise<boolean> => (await readText(file)) !== null;
