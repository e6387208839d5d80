import { writeText } from '../../artifacts/store';
import { iterationRef } from '../../git/types';
import { digestOf } from '../digest';
import { save, saveTiming, type Iteration } from '../work';

/** Keeps the work tree under the iteration's ref and writes its patch against the step's beginning. */
export async function capture(it: Iteration): Promise<void> {
  const { work, paths } = it;
  const { op, step } = work;
  await work.hooks.beforeReadingTree?.();
  const seen = await op.project.git.captureTree(op.lock, { signal: work.signal });
  const { tree, leftOut } = seen;
  work.wrote = true;
  it.seen = seen;
  const [patch] = await Promise.all([op.project.git.diff(step.base, tree), op.project.git.writeRef(op.lock, iterationRef(step.run, step.key, it.n), tree, 'replace')]);
  await writeText(op.lock, paths.diff, patch);
  if (leftOut.length > 0)
    op.report({ message: `${work.title(it.n)}: left out ${leftOut.map((file) => `${file.path} (${file.why})`).slice(0, 5).join(', ')}` });
  await saveTiming(it);
  await save(it, { tree, checked_tree: null, left_out: leftOut.map(({ path, why }) => ({ path, why })), digests: { ...it.progress.digests, 'diff.patch': digestOf(patch) } }, 'diff');
}
