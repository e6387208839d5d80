import type { RunId } from '../artifacts/ids';
import type { Operation } from '../project';
import { pruneRefs } from '../steps/prune';
import { readMeta, updateMeta } from './meta';

/** Gives a run up: its files stay, its checkpoints (refs) go. Done again it changes nothing. */
export async function abandonRun(op: Operation, { runId }: { readonly runId: RunId }): Promise<void> {
  const meta = await readMeta(op.project, runId);
  if (!meta.abandoned)
    await updateMeta(op, runId, 'run abandon', () => ({
      abandoned: true,
      abandoned_at: op.project.now().toISOString(),
    }));
  await pruneRefs(op, runId);
}
