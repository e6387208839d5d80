import { WeldError } from '../errors';
import { baseRef, iterationRef, type ChangedFile, type Oid } from '../git/types';
import type { Operation } from '../project';
import { selectedStep, type SelectedStep } from './resolve';
import type { ReadsTree, StepRequest } from './types';

/** What to go back to: an iteration, the step's beginning, or the state that an earlier restore kept. */
export type RestoreTarget = { readonly iteration: number } | 'base' | { readonly kept: number };

export interface RestoreRequest extends StepRequest, ReadsTree {
  readonly to: RestoreTarget;
  /** Sees what would change and decides; left out: yes. */
  readonly confirm?: ((changed: readonly ChangedFile[]) => Promise<boolean>) | undefined;
}

export interface RestoreResult {
  readonly restored: boolean;
  readonly changed: readonly ChangedFile[];
  /** `{ kept }` of a request that undoes this one; null when nothing was changed. */
  readonly kept: number | null;
}

/**
 * Makes the work tree what it was at an iteration. The present state is kept first under a ref, so that it can be
 * undone; ignored files, the index, HEAD and the iterations stay.
 * @throws WeldError `ITERATION_NOT_FOUND`, `STEP_NOT_SELECTED`
 */
export async function restoreStep(op: Operation, request: RestoreRequest): Promise<RestoreResult> {
  const { git } = op.project;
  const step = await selectedStep(op.project, request.run, request.step);
  const to = await targetTree(op, step, request.to);
  await request.beforeReadingTree?.();
  const { tree: present } = await git.captureTree(op.lock, { signal: op.signal });
  const changed = await git.changedFiles(present, to);
  if (changed.length === 0 || (request.confirm && !(await request.confirm(changed)))) return { restored: false, changed, kept: null };
  // The person may have thought for long, and files may have changed meanwhile: what is kept is what is there now.
  const { tree: now } = await git.captureTree(op.lock, { signal: op.signal });
  if (now !== present)
    throw new WeldError('INVALID_ARGUMENT', 'Files changed while you were deciding, so nothing was restored; look at the changes again.');
  const kept = await keep(op, step, now);
  await git.restoreTree(op.lock, now, to);
  return { restored: true, changed, kept };
}

export function keptRef(run: string, step: string, n: number): string {
  return `refs/weld/${run}/${step}/kept-${String(n).padStart(2, '0')}`;
}

async function targetTree(op: Operation, step: SelectedStep, to: RestoreTarget): Promise<Oid> {
  const name = to === 'base' ? baseRef(step.run, step.key) : 'kept' in to ? keptRef(step.run, step.key, to.kept) : iterationRef(step.run, step.key, to.iteration);
  const tree = await op.project.git.readRef(name);
  if (tree !== null) return tree;
  throw new WeldError('ITERATION_NOT_FOUND', `The tree of that state of step ${step.n} is not kept any more; it was pruned or never captured.`);
}

async function keep(op: Operation, step: SelectedStep, tree: Oid): Promise<number> {
  const prefix = `refs/weld/${step.run}/${step.key}/`;
  const numbers = (await op.project.git.listRefs(prefix)).map(({ name }) => Number(/\/kept-(\d+)$/u.exec(name)?.[1] ?? 0));
  const n = Math.max(0, ...numbers) + 1;
  await op.project.git.writeRef(op.lock, keptRef(step.run, step.key, n), tree, 'create');
  return n;
}
