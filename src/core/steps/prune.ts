import type { RunId } from '../artifacts/ids';
import type { Operation } from '../project';

/** Drops the trees that a run keeps in git (bases, iterations, states before a restore); its files stay. */
export async function pruneRefs(op: Operation, run: RunId): Promise<void> {
  await op.project.git.deleteRefs(op.lock, `refs/weld/${run}/`);
}
