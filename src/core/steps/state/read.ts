import type { StepPaths } from '../../artifacts/paths';
import type { RunId, StepKey } from '../../artifacts/runIds';
import { type Meta, MetaSchema, StepRecordSchema } from '../../artifacts/schemas';
import { readRecord } from '../../artifacts/store';
import type { Plan, PlanStep } from '../../plan/source';
import type { Project } from '../../project';
import { reason, WeldError } from '../../util/errors';
import { planInForce } from '../planInForce';
import { folderFinder, numberOf, stepFolders } from '../resolveStep';
import { RunSeals } from '../seals/stepSeals';
import { foreignIterations, isAway, iterationNumbers, readRestored, type SealedStep } from '../stepProgress';
import { exists, present, readIteration } from './iteration';
import { type Artifact, type IterationState, isUnproven, type StepState } from './states';

/** Reads the state of an iteration. */
export type ReadIteration = (step: SealedStep, n: number) => Promise<IterationState>;

/**
 * The steps of the plan and of the disk, by number. Reads only small files.
 * @param read by default reads the iteration's files; views, which decide nothing, may keep what was read
 */
export async function listSteps(
  project: Project,
  run: RunId,
  read: ReadIteration = readIteration,
): Promise<StepState[]> {
  const paths = project.paths.run(run);
  const [plan, folders, meta, seals] = await Promise.all([
    planInForce(project, run)
      .then((found) => found?.plan ?? null)
      .catch(() => null),
    stepFolders(paths),
    readRecord(paths.meta, MetaSchema).catch(() => null),
    RunSeals.read(project, run).catch((error: unknown) => ({ unreadable: reason(error) })),
  ]);
  const onDisk = new Set(folders);
  const states = [...joined(plan, folders)].map(([key, step]) =>
    readStep(project, run, { key, planned: step, meta, seals, onDisk: onDisk.has(key), read }),
  );
  return (await Promise.all(states)).sort((a, b) => a.n - b.n || (a.key < b.key ? -1 : 1));
}

/** @throws WeldError `STEP_NOT_FOUND` */
export async function readStepState(project: Project, run: RunId, step: StepKey | number): Promise<StepState> {
  const found = (await listSteps(project, run)).find((state) => state.key === step || state.n === step);
  if (found) return found;
  throw new WeldError('STEP_NOT_FOUND', `This run has no step ${step}; refresh the view and choose again.`);
}

function joined(plan: Plan | null, folders: readonly StepKey[]): Map<StepKey, PlanStep | null> {
  const steps = new Map<StepKey, PlanStep | null>();
  const folderOf = plan && folderFinder(plan, folders);
  for (const step of plan?.steps ?? []) {
    const key = folderOf?.(step) ?? null;
    if (key !== null && !steps.has(key)) steps.set(key, step);
  }
  for (const folder of folders) if (!steps.has(folder)) steps.set(folder, null);
  return steps;
}

interface Found {
  readonly key: StepKey;
  readonly planned: PlanStep | null;
  readonly meta: Meta | null;
  readonly seals: RunSeals | { readonly unreadable: string };
  readonly onDisk: boolean;
  readonly read: ReadIteration;
}

async function readStep(project: Project, run: RunId, found: Found): Promise<StepState> {
  const { key, planned, meta, onDisk, seals, read } = found;
  const paths = project.paths.run(run).step(key);
  const n = numberOf(key);
  const base = {
    run,
    n,
    key,
    title: planned?.title ?? key,
    why: null,
    base: null,
    line: planned?.heading.start.line ?? null,
    iterations: [],
    artifacts: [],
  } as const;
  if (!onDisk) return { ...base, state: 'not-selected' };
  const iterations: IterationState[] = [];
  try {
    if ('unreadable' in seals) throw new WeldError('DAMAGED_FILE', seals.unreadable);
    const step: SealedStep = { paths, seals: seals.of(key) };
    for (const number of await iterationNumbers(step)) iterations.push(await read(step, number));
    iterations.push(...(await passedByOthers(step, iterations, read)));
    const artifacts = await artifactsOf(paths, iterations);
    const record = await readRecord(paths.record, StepRecordSchema);
    const joinedState = { ...base, title: record?.title ?? base.title, base: step.seals.base, iterations, artifacts };
    return { ...joinedState, ...(await stateOf(paths, record !== null, iterations, committedAt(meta, n))) };
  } catch (error) {
    return { ...base, state: 'damaged', why: reason(error), iterations };
  }
}

/** A later iteration of another Weld that claims to have passed, shown so that a person can accept it. */
async function passedByOthers(
  step: SealedStep,
  counted: readonly IterationState[],
  read: ReadIteration,
): Promise<IterationState[]> {
  const later = (await foreignIterations(step)).filter((n) => n > (counted.at(-1)?.n ?? 0)).at(-1);
  const found = later === undefined ? null : await read(step, later);
  return found && isUnproven(found.state) ? [found] : [];
}

async function stateOf(
  paths: StepPaths,
  selected: boolean,
  iterations: readonly IterationState[],
  committed: string | null,
): Promise<Pick<StepState, 'state' | 'why'>> {
  const latest = iterations.at(-1);
  if (committed !== null && (latest?.updatedAt ?? '') <= committed) return { state: 'committed', why: null };
  if (await exists(paths.skipped)) return { state: 'skipped', why: null };
  if (!latest) return { state: selected ? 'selected' : 'not-selected', why: null };
  switch (latest.state) {
    case 'passed': {
      const restored = await readRestored(paths);
      return isAway(restored, latest.n)
        ? { state: 'failed', why: `the work tree was restored to ${restored.target} since it passed` }
        : { state: 'passed', why: null };
    }
    case 'failed':
      return { state: 'failed', why: latest.why };
    case 'unfinished':
      return { state: 'in-progress', why: latest.why };
    default:
      return { state: latest.state, why: latest.why };
  }
}

/** ISO time of the last commit that contains the step. */
function committedAt(meta: Meta | null, n: number): string | null {
  return (
    meta?.commits
      .filter((commit) => commit.steps.includes(n))
      .map((commit) => commit.committed_at)
      .sort()
      .at(-1) ?? null
  );
}

function artifactsOf(paths: StepPaths, iterations: readonly IterationState[]): Promise<Artifact[]> {
  return present([
    ['prompt', paths.implPrompt],
    ['step', paths.record],
    ...iterations.map(({ n }) => [`fix prompt ${n}`, paths.fixPrompt(n)] as const),
  ]);
}
