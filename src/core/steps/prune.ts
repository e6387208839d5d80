import type { RunId, StepKey } from '../artifacts/ids';
import type { Operation } from '../project';
import { RunSeals } from './seals/stepSeals';

/**
 * Drops the trees that a run keeps in git (bases, iterations, states before a restore); its files stay.
 * @param steps only these, such as those that were just committed; left out: all, as when the run is abandoned
 */
export async function pruneRefs(op: Operation, run: RunId, steps?: readonly StepKey[]): Promise<void> {
  const seals = await RunSeals.read(op.project, run);
  for (const key of steps ?? seals.keys) await seals.of(key).end(op.lock);
  const prefixes = steps ? steps.map((key) => `refs/weld/${run}/${key}/`) : [`refs/weld/${run}/`];
  for (const prefix of prefixes) await op.project.git.deleteRefs(op.lock, prefix);
}
