import { isRunId, parseRunId, type RunId } from '../artifacts/ids';
import type { Meta } from '../artifacts/schemas';
import { listFolders } from '../artifacts/store';
import { reason, WeldError } from '../errors';
import { assertRunExists } from '../operation';
import type { Project } from '../project';
import { listSteps } from '../steps/state/read';
import type { StepState } from '../steps/state/types';
import { readMeta } from './meta';
import { type PlanInForce, planInForce } from './planInForce';
import { type Stale, staleArtifacts } from './stale';

/** The ids of all runs, newest first, from one look at one folder. */
export async function listRunIds(project: Project): Promise<readonly RunId[]> {
  return (await listFolders(project.paths.runs)).filter(isRunId).reverse();
}

/** What a list of runs shows of one run; a damaged one says so and hides no other. */
export type RunSummary =
  | { readonly kind: 'run'; readonly id: RunId; readonly meta: Meta }
  | { readonly kind: 'damaged'; readonly id: RunId /** A sentence that names the file. */; readonly why: string };

/** Records read at the same time; more would only queue for the disk. */
const AT_ONCE = 16;

/** The newest runs. @param page `offset` and `limit` count runs; left out: all of them */
export async function listRuns(
  project: Project,
  page: { readonly offset?: number; readonly limit?: number } = {},
): Promise<readonly RunSummary[]> {
  const ids = await listRunIds(project);
  const offset = page.offset ?? 0;
  const chosen = ids.slice(offset, offset + (page.limit ?? ids.length));
  const found: RunSummary[] = [];
  for (let i = 0; i < chosen.length; i += AT_ONCE)
    found.push(...(await Promise.all(chosen.slice(i, i + AT_ONCE).map((id) => summary(project, id)))));
  return found;
}

export interface RunDetails {
  readonly kind: 'run';
  readonly id: RunId;
  readonly meta: Meta;
  readonly plan: PlanInForce | null;
  readonly steps: readonly StepState[];
  readonly stale: readonly Stale[];
}

/**
 * A run with its plan and the state of its steps. @throws WeldError `INVALID_RUN_ID`, `RUN_NOT_FOUND`, `DAMAGED_FILE`
 */
export async function readRun(project: Project, runId: string): Promise<RunDetails> {
  const id = parseRunId(runId);
  await assertRunExists(project, id);
  const meta = await readMetaOf(project, id);
  const plan = await planInForce(project, id);
  const [steps, stale] = await Promise.all([listSteps(project, id), staleArtifacts(project, id, meta)]);
  return { kind: 'run', id, meta, plan, steps, stale };
}

async function summary(project: Project, id: RunId): Promise<RunSummary> {
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
