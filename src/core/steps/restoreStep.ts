import { RestoredSchema } from '../artifacts/recoverySchemas';
import { StatusSchema } from '../artifacts/schemas';
import { readRecord, writeRecord } from '../artifacts/store';
import { baseRef, type ChangedFile, iterationRef, type Oid } from '../git/git';
import type { Operation, Project } from '../project';
import { WeldError } from '../util/errors';
import { type SelectedStep, type StepHandle, selectedStep } from './resolveStep';
import type { ReadsTree, StepRequest } from './results';
import { isAway, isDone, iterationNumbers, readProgress } from './stepProgress';
import { noteCompleted } from './stepStatus';

/** What to restore: an iteration, the step's beginning, or the state that an earlier restore kept. */
export type RestoreTarget = { readonly iteration: number } | 'base' | { readonly kept: number };

export interface RestoreRequest extends StepRequest, ReadsTree {
  readonly to: RestoreTarget;
  /** Decides about the changes that would be made; omitted: yes. */
  readonly confirm?: ((changed: readonly ChangedFile[]) => Promise<boolean>) | undefined;
}

export interface RestoreResult {
  readonly restored: boolean;
  readonly changed: readonly ChangedFile[];
  /** The number for a later request `{ kept }` that undoes this one; null if nothing was changed. */
  readonly kept: number | null;
}

/**
 * Restores the work tree to what it was in an iteration. First keeps the current state under a ref, so that the restore
 * can be undone. Ignored files, the index, HEAD and the iterations stay.
 * @throws WeldError `ITERATION_NOT_FOUND`, `STEP_NOT_SELECTED`, `INVALID_ARGUMENT` if files changed meanwhile
 */
export async function restoreStep(op: Operation, request: RestoreRequest): Promise<RestoreResult> {
  const { git } = op.project;
  const step = await selectedStep(op.project, request.run, request.step);
  const refs = await git.listRefs(refsOf(step));
  const to = targetTree(refs, step, request.to);
  await request.beforeReadingTree?.();
  const { tree: present } = await git.captureTree(op.lock, { signal: op.signal });
  const changed = await git.changedFiles(present, to);
  if (changed.length === 0 || (request.confirm && !(await request.confirm(changed))))
    return { restored: false, changed, kept: null };
  // Files may have changed while the person decided, and only the state shown to the person may be replaced.
  const { tree: now } = await git.captureTree(op.lock, { signal: op.signal });
  if (now !== present)
    throw new WeldError(
      'INVALID_ARGUMENT',
      'Files changed while you were deciding, so nothing was restored; look at the changes again.',
    );
  const kept = await keep(op, refs, step, now);
  await git.restoreTree(op.lock, now, to);
  await note(op, step, request.to, to);
  return { restored: true, changed, kept };
}

/** The numbers of the states that earlier restores kept and that still exist, latest first. */
export async function keptStates(project: Project, at: StepHandle): Promise<number[]> {
  return keptNumbers(await project.git.listRefs(refsOf(at))).sort((a, b) => b - a);
}

function keptRef(run: string, step: string, n: number): string {
  return `refs/weld/${run}/${step}/kept-${String(n).padStart(2, '0')}`;
}

/**
 * Records the state from which the step continues. If the passing state was taken back, the step is open again; if that
 * state comes back, the step has passed.
 */
async function note(op: Operation, step: SelectedStep, target: RestoreTarget, tree: Oid): Promise<void> {
  const { paths } = step;
  const numbers = (await iterationNumbers(step)).reverse();
  const progress = await Promise.all(
    numbers.map(async (n) => ({ n, progress: await readProgress(step, n).catch(() => null) })),
  );
  const latest = progress.find((each) => each.progress === null || isDone(each.progress, 'verdict'))?.n ?? 0;
  const same = progress.find((each) => each.progress?.tree === tree || each.progress?.checked_tree === tree)?.n;
  // A kept state is usually the latest iteration with a person's changes.
  const iteration = target === 'base' ? 0 : 'kept' in target ? (same ?? latest) : (same ?? target.iteration);
  const words =
    target === 'base'
      ? 'its beginning'
      : 'kept' in target
        ? `the state before restore ${target.kept}`
        : `iteration ${target.iteration}`;
  const restored = { target: words, tree, iteration, latest, restored_at: op.project.now().toISOString() };
  await writeRecord(op.lock, paths.restored, RestoredSchema, restored);
  const status = await readRecord(paths.iteration(latest).status, StatusSchema).catch(() => null);
  const away = isAway(restored, latest);
  if (away || status?.pass === true) await noteCompleted(op.lock, paths, latest, !away);
}

function targetTree(refs: Refs, step: SelectedStep, to: RestoreTarget): Oid {
  const name =
    to === 'base'
      ? baseRef(step.run, step.key)
      : 'kept' in to
        ? keptRef(step.run, step.key, to.kept)
        : iterationRef(step.run, step.key, to.iteration);
  const tree = refs.find((ref) => ref.name === name)?.oid;
  if (tree !== undefined) return tree;
  throw new WeldError(
    'ITERATION_NOT_FOUND',
    `The tree of that state of step ${step.n} is no longer kept; it was pruned or never captured.`,
  );
}

async function keep(op: Operation, refs: Refs, step: SelectedStep, tree: Oid): Promise<number> {
  const n = Math.max(0, ...keptNumbers(refs)) + 1;
  await op.project.git.writeRef(op.lock, keptRef(step.run, step.key, n), tree, 'create');
  return n;
}

/** The refs of a step. */
type Refs = Awaited<ReturnType<Project['git']['listRefs']>>;
const refsOf = ({ run, key }: StepHandle): string => `refs/weld/${run}/${key}/`;

function keptNumbers(refs: Refs): number[] {
  return refs.flatMap(({ name }) => (/\/kept-(\d+)$/u.exec(name) ?? []).slice(1).map(Number));
}
