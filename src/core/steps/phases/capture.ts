import type { StepProgress } from '../../artifacts/progress';
import { writeText } from '../../artifacts/store';
import { binaryFiles } from '../../git/binary';
import { showBytes } from '../../git/names';
import { type CapturedTree, iterationRef, leftOutLine } from '../../git/types';
import { listed } from '../../listed';
import { digestOf } from '../digest';
import { type Iteration, save, saveTiming } from '../work';

/** Keeps the work tree under the iteration's ref and writes its patch against the step's beginning. */
export async function capture(it: Iteration): Promise<void> {
  const { work } = it;
  const { op } = work;
  await work.hooks.beforeReadingTree?.();
  const seen = await op.project.git.captureTree(op.lock, { signal: work.signal });
  const { leftOut } = seen;
  const changes = await keepTree(it, seen);
  if (leftOut.length > 0) op.report({ message: `${work.title(it.n)}: ${leftOutLine(leftOut)}` });
  await saveTiming(it);
  await save(it, { ...changes, checked_tree: null, unsettled: [] }, 'diff');
}

/** Makes a tree the one that the iteration is about. @returns what its progress has to say of it */
export async function keepTree(
  it: Iteration,
  seen: CapturedTree,
): Promise<Pick<StepProgress, 'tree' | 'left_out' | 'digests' | 'notices'>> {
  const { op, step } = it.work;
  const { tree, leftOut } = seen;
  it.work.wrote = true;
  it.seen = seen;
  const { git } = op.project;
  // The phases behind this one ask for the names of the same files, which git keeps from then on.
  const [patch] = await Promise.all([
    git.diff(step.base, tree),
    git.changedFiles(step.base, tree),
    git.writeRef(op.lock, iterationRef(step.run, step.key, it.n), tree, 'replace'),
  ]);
  await writeText(op.lock, it.paths.diff, patch);
  const unshown = binaryFiles(showBytes(patch));
  const notices =
    unshown.length === 0
      ? it.progress.notices
      : [
          ...new Set([
            ...it.progress.notices,
            `The patch shows no word of what git takes for binary: ${listed(unshown)}.`,
          ]),
        ];
  return {
    notices,
    tree,
    left_out: leftOut.map(({ path, why }) => ({ path, why })),
    digests: { ...it.progress.digests, 'diff.patch': digestOf(patch) },
  };
}
