import type { RunPaths, StepPaths } from '../artifacts/paths';
import { isStepKey, type RunId, type StepKey, slugify, stepKey } from '../artifacts/runIds';
import { type StepRecord, StepRecordSchema } from '../artifacts/schemas';
import { listFolders, readRecord } from '../artifacts/store';
import { baseRef, type Oid } from '../git/git';
import type { Plan, PlanStep } from '../plan/source';
import type { Project } from '../project';
import { WeldError } from '../util/errors';
import { isFolder } from '../util/files';
import { planInForce } from './planInForce';
import { RunSeals, type StepSeals } from './seals/stepSeals';

/** A step: where its files are and what the current plan says about it. */
export interface StepHandle {
  readonly run: RunId;
  readonly n: number;
  readonly key: StepKey;
  readonly paths: StepPaths;
  /** What this Weld has sealed of it. */
  readonly seals: StepSeals;
  /** Null if the step was selected once and the current plan no longer has it. */
  readonly planned: PlanStep | null;
}

/** A step that has been selected. */
export interface SelectedStep extends StepHandle {
  readonly record: StepRecord;
  /** The tree from which the step began. */
  readonly base: Oid;
}

/** Step folders on disk, sorted by name. */
export async function stepFolders(run: RunPaths): Promise<StepKey[]> {
  return (await listFolders(run.steps)).filter(isStepKey);
}

export function keyOf(step: Pick<PlanStep, 'n' | 'title'>): StepKey {
  return stepKey(step.n, slugify(step.title, 30));
}

export function numberOf(key: StepKey): number {
  return Number.parseInt(key, 10);
}

/**
 * Finds the folder of each planned step: its own, else one with the same number that no planned step claims. So a new
 * title in a revised plan does not lose work. Build it once for a plan, which may have thousands of steps.
 * @returns a function that gives null for a heading that cannot name a folder
 */
export function folderFinder(plan: Plan, folders: readonly StepKey[]): (step: PlanStep) => StepKey | null {
  const own = new Set(folders);
  const claimed = new Set(folders.length === 0 ? [] : plan.steps.map(usableKey));
  const unclaimed = new Map(
    folders.filter((folder) => !claimed.has(folder)).map((folder) => [numberOf(folder), folder]),
  );
  return (step) => {
    const key = usableKey(step);
    return key === null || own.has(key) ? key : (unclaimed.get(step.n) ?? key);
  };
}

/** Null instead of an error, so that one bad heading does not hide the other steps. */
function usableKey(step: PlanStep): StepKey | null {
  try {
    return keyOf(step);
  } catch {
    return null;
  }
}

/** @throws WeldError `RUN_NOT_FOUND`, `NO_PLAN`, `NO_STEPS`, `STEP_NOT_FOUND`, `DAMAGED_FILE` */
export async function resolveStep(project: Project, run: RunId, n: number): Promise<StepHandle> {
  const paths = project.paths.run(run);
  if (!(await isFolder(paths.root)))
    throw new WeldError('RUN_NOT_FOUND', `There is no run ${run}; choose one from the Runs view.`);
  const plan = (await planInForce(project, run))?.plan ?? null;
  const [folders, seals] = await Promise.all([stepFolders(paths), RunSeals.read(project, run)]);
  const planned = plan?.steps.find((step) => step.n === n) ?? null;
  if (plan && planned) {
    const key = folderFinder(plan, folders)(planned) ?? keyOf(planned);
    return { run, n, key, paths: paths.step(key), seals: seals.of(key), planned };
  }
  const left = folders.findLast((folder) => numberOf(folder) === n);
  if (left) return { run, n, key: left, paths: paths.step(left), seals: seals.of(left), planned: null };
  if (!plan) throw new WeldError('NO_PLAN', `Run ${run} has no plan yet; import or generate one first.`);
  if (plan.steps.length === 0)
    throw new WeldError(
      'NO_STEPS',
      `The plan of run ${run} has no steps; give it headings such as "## Step 1: Title" and import it again.`,
    );
  throw new WeldError(
    'STEP_NOT_FOUND',
    `The plan has no step ${n}; it has ${plan.steps
      .map((step) => step.n)
      .slice(0, 20)
      .join(', ')}.`,
  );
}

/** @throws WeldError `STEP_NOT_SELECTED`, and what `resolveStep` throws */
export async function selectedStep(project: Project, run: RunId, n: number): Promise<SelectedStep> {
  const handle = await resolveStep(project, run, n);
  const record = await readRecord(handle.paths.record, StepRecordSchema);
  // A guest can move a ref but not change a seal. `tidy` puts the ref back.
  const base = handle.seals.base ?? (await project.git.readRef(baseRef(run, handle.key)));
  if (record && base !== null) return { ...handle, record, base };
  throw new WeldError(
    'STEP_NOT_SELECTED',
    `Step ${n} has not been selected; select it first, so that its changes are counted from there.`,
  );
}
