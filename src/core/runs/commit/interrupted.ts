import type { Pending } from '../../artifacts/recoverySchemas';
import type { RunId } from '../../artifacts/runIds';
import type { Oid } from '../../git/git';
import { adoptCommit } from '../../git/makeCommit';
import { GitRunner } from '../../git/runGit';
import type { Operation, Project } from '../../project';
import { listSteps } from '../../steps/state/read';
import { clearPending, readPending, recordCommit } from './recordCommit';
import { differsFrom, reviewedSteps } from './reviewed';

/** Records a commit that git made just before Weld crashed. @returns null if there was none */
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

/**
 * Whether a commit is the one that `pending` announced: it has the same parent, and the same first line of the message
 * or one of the trailers.
 */
export async function isAnnounced(project: Project, sha: Oid, pending: Pending): Promise<boolean> {
  const [header, message] = split(await new GitRunner(project.top, project.programs).text(['cat-file', 'commit', sha]));
  const parents = [...header.matchAll(/^parent ([0-9a-f]+)$/gmu)].map((match) => match[1]);
  if ((parents[0] ?? null) !== pending.parent) return false;
  // A commit-msg hook may rewrite the message; the trailers still identify the run then.
  const lines = message.split('\n').map((line) => line.trim());
  const first = pending.message.trim().split('\n', 1)[0]?.trim();
  return lines[0] === first || pending.trailers.some(({ key, value }) => lines.includes(`${key}: ${value}`));
}

/**
 * Updates the person's index to what an interrupted commit has committed. Otherwise git would show the reverse of the
 * commit as staged. Files that were staged with other content stay unchanged.
 */
export async function adoptIfUntouched(op: Operation, before: Oid): Promise<void> {
  const { project, lock } = op;
  lock.assertHeld();
  await adoptCommit(new GitRunner(project.top, project.programs), before, await project.git.headTree());
}

function split(text: string): [string, string] {
  const at = text.indexOf('\n\n');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 2)];
}
