import { isRunId, type RunId } from '../artifacts/runIds';
import type { Meta } from '../artifacts/schemas';
import { listFolders } from '../artifacts/store';
import type { Project } from '../project';
import { assertRunExists, readMeta } from '../runMeta';
import { type PlanInForce, planInForce } from '../steps/planInForce';
import { listSteps, type ReadIteration } from '../steps/state/read';
import type { StepState } from '../steps/state/states';
import { reason, WeldError } from '../util/errors';
import { type Stale, staleArtifacts } from './staleArtifacts';

/** Lists the ids of all runs, newest first. Reads only one folder. */
export async function listRunIds(project: Project): Promise<readonly RunId[]> {
  return (await listFolders(project.paths.runs)).filter(isRunId).reverse();
}

/** One entry of the list of runs. A damaged run has an entry of its own, so it does not hide the others. */
export type RunSummary =
  | { readonly kind: 'run'; readonly id: RunId; readonly meta: Meta }
  | { readonly kind: 'damaged'; readonly id: RunId /** A sentence that names the file. */; readonly why: string };

/** Maximum number of records read at the same time. More would only wait for the disk. */
const AT_ONCE = 16;

/** Lists runs, newest first. @param page `offset` and `limit` count runs; default: all runs */
export async function listRuns(
  project: Project,
  page: { readonly offset?: number; readonly limit?: number } = {},
): Promise<readonly RunSummary[]> {
  const ids = await listRunIds(project);
  const offset = page.offset ?? 0;
  const chosen = ids.slice(offset, offset + (page.limit ?? ids.length));
  const found: RunSummary[] = [];
  for (let i = 0; i < chosen.length; i += AT_ONCE)
    found.push(...(await Promise.all(chosen.slice(i, i + AT_ONCE).map((id) => summaryOf(project, id)))));
  return found;
}

/** A run with its plan and its steps. */
export interface RunWithSteps {
  readonly meta: Meta;
  readonly plan: PlanInForce | null;
  readonly steps: readonly StepState[];
}

/** Also which artifacts of it are stale. */
export interface RunDetails extends RunWithSteps {
  readonly kind: 'run';
  readonly id: RunId;
  readonly stale: readonly Stale[];
}

/** Reads a run with its plan and the state of its steps. @throws WeldError `RUN_NOT_FOUND`, `DAMAGED_FILE` */
export async function readRun(project: Project, id: RunId): Promise<RunDetails> {
  const state = await readWithSteps(project, id);
  return { kind: 'run', id, ...state, stale: await staleArtifacts(project, id, state.meta) };
}

/**
 * The same without the stale artifacts, so that it depends on the run's own files only.
 * @param read as for `listSteps` @throws as `readRun`
 */
export async function readWithSteps(project: Project, id: RunId, read?: ReadIteration): Promise<RunWithSteps> {
  await assertRunExists(project, id);
  const meta = await readMetaOf(project, id);
  const [plan, steps] = [await planInForce(project, id), await listSteps(project, id, read)];
  return { meta, plan, steps };
}

/** Reads the entry of one run. */
export async function summaryOf(project: Project, id: RunId): Promise<RunSummary> {
  try {
    return { kind: 'run', id, meta: await readMetaOf(project, id) };
  } catch (error) {
    return { kind: 'damaged', id, why: reason(error) };
  }
}

async function readMetaOf(project: Project, id: RunId): Promise<Meta> {
  try {
    return await readMeta(project, id);
  } catch (error) {
    if (!(error instanceof WeldError) || error.code !== 'RUN_NOT_FOUND') throw error;
    throw new WeldError(
      'DAMAGED_FILE',
      `${project.paths.run(id).meta} is missing; restore it from a backup or remove the run's folder.`,
      { cause: error },
    );
  }
}

/**
 * Whether a run has nothing left to do: it has a commit, every planned step is committed or skipped, and no step that
 * was removed from the plan still waits to be committed. Reads the steps only if the run has commits.
 * @param read as for `listSteps`
 */
export async function isFinished(
  project: Project,
  { id, meta }: { readonly id: RunId; readonly meta: Meta },
  read?: ReadIteration,
): Promise<boolean> {
  if (meta.commits.length === 0) return false;
  const steps = await listSteps(project, id, read);
  return steps.some((step) => step.line !== null) && steps.every(isOver);
}

/** Whether a step needs no more work. */
function isOver({ state, line }: StepState): boolean {
  return line === null ? state !== 'passed' && state !== 'in-progress' : state === 'committed' || state === 'skipped';
}
