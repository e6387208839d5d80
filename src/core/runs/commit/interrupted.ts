import type { RunId } from '../../artifacts/ids';
import type { Oid } from '../../git/types';
import type { Operation } from '../../project';
import { listSteps } from '../../steps/state/read';
import { adoptIfUntouched, isAnnounced } from './ours';
import { clearPending, readPending } from './pending';
import { recordCommit } from './record';
import { differsFrom, reviewedSteps } from './reviewed';

/** Brings a commit to its end that git made and a crash kept Weld from recording. @returns null when there was none */
export async function finishInterrupted(
  op: Operation,
  runId: RunId,
): Promise<{ readonly sha: Oid; readonly differs: readonly string[] } | null> {
  const pending = await readPending(op.project, runId);
  if (!pending) return null;
  const { sha } = await op.project.git.head();
  const ours = sha !== null && sha !== pending.parent && (await isAnnounced(op.project, sha, pending));
  if (!ours) {
    await clearPending(op, runId);
    return null;
  }
  await adoptIfUntouched(op, pending.tree_before);
  const steps = (await listSteps(op.project, runId)).filter((step) => pending.steps.includes(step.n));
  const differs = await differsFrom(
    op.project,
    await op.project.git.headTree(),
    await reviewedSteps(op.project, runId, steps),
  );
  await recordCommit(op, runId, sha, pending, { differs });
  return { sha, differs };
}
