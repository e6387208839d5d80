import type { RunId } from '../artifacts/ids';
import { WeldError } from '../errors';
import { namesOf, type CommitRequest, type Committed, type Oid } from '../git/types';
import type { Operation } from '../project';
import { isUnproven, type StepState } from '../steps/state/types';
import { adoptIfUntouched, isAnnounced } from './commit/ours';
import { clearPending, readPending, writePending, type Pending } from './commit/pending';
import { sessionsOf, trailersOf, transcriptWith, waiversOf } from './commit/provenance';
import { recordCommit } from './commit/record';
import { chosenFiles } from './commit/files';
import { readRun } from './list';

export interface CommitArgs {
  readonly runId: RunId;
  readonly message: string;
  /** Every change; without it and without `files` the index as it stands. */
  readonly all?: boolean;
  /** Chosen paths, relative to the repository's top. */
  readonly files?: readonly string[];
  /** Commit although a selected step has not passed. */
  readonly force?: boolean;
}

export interface CommitResult {
  readonly sha: Oid;
  /** With `all`: untracked files that stay out, large or secret by their name; `git add` brings one in. */
  readonly leftOut?: readonly string[];
}

/**
 * Commits the run's work with its provenance, and records the commit in the run.
 * @throws WeldError `STEP_NOT_PASSED`, `NOTHING_TO_COMMIT`, `HOOK_FAILED`, `INVALID_ARGUMENT` with index and run as they were
 */
export async function commitRun(op: Operation, args: CommitArgs): Promise<CommitResult> {
  const { project, lock } = op;
  const { runId } = args;
  if (args.message.trim() === '') throw new WeldError('INVALID_ARGUMENT', 'The commit needs a message.');
  const what = chosen(project.top, args);
  const recovered = await finishInterrupted(op, runId);
  const run = await readRun(project, runId);
  if (run.meta.abandoned) throw new WeldError('INVALID_ARGUMENT', 'This run was abandoned; commit with git, or start a new run.');
  const steps = run.steps.filter(worked);
  if (!args.force) refuseUnpassed(steps);

  const { config } = await project.config();
  const sessions = sessionsOf(steps);
  const [head, before, waivers] = await Promise.all([
    project.git.head(), project.git.headTree(), waiversOf(project, runId, steps),
    transcriptWith(project, runId, sessions), // a damaged one is found before git commits
  ]);
  const trailers = trailersOf(project, runId, config, sessions, waivers);
  const pending: Pending = {
    parent: head.sha, tree_before: before, message: args.message, trailers: trailers.map((trailer) => ({ ...trailer })),
    steps: steps.map((step) => step.n), started_at: project.now().toISOString(),
  };
  await writePending(op, runId, pending);
  let done: Committed;
  try {
    op.report({ message: 'commit' });
    done = await project.git.commit(lock, { message: args.message, what, trailers, signal: op.signal });
  } catch (error) {
    await clearPending(op, runId);
    if (recovered !== null && error instanceof WeldError && error.code === 'NOTHING_TO_COMMIT') return { sha: recovered };
    throw error;
  }
  await recordCommit(op, runId, done.sha, pending);
  return { sha: done.sha, ...namesOf(done.leftOut) };
}

/** Brings a commit to its end that git made and a crash kept Weld from recording. @returns its id, or null when there was none */
async function finishInterrupted(op: Operation, runId: RunId): Promise<Oid | null> {
  const pending = await readPending(op.project, runId);
  if (!pending) return null;
  const { sha } = await op.project.git.head();
  const ours = sha !== null && sha !== pending.parent && (await isAnnounced(op.project, sha, pending));
  if (!ours) {
    await clearPending(op, runId);
    return null;
  }
  await adoptIfUntouched(op, pending.tree_before);
  await recordCommit(op, runId, sha, pending);
  return sha;
}

/** Steps that have been selected and not been committed yet. */
function worked(step: StepState): boolean {
  return step.state !== 'not-selected' && step.state !== 'skipped' && step.state !== 'committed';
}

function refuseUnpassed(steps: readonly StepState[]): void {
  const open = steps.filter((step) => step.state !== 'passed');
  const [first] = open;
  if (!first) return;
  const words = { selected: 'has not been worked on', 'in-progress': 'is not finished', failed: 'has not passed', damaged: 'does not count as passed', 'passed-elsewhere': 'does not count as passed', 'changed-since': 'does not count as passed', 'passed-by-0.1': 'does not count as passed' };
  const why = words[first.state as keyof typeof words] ?? 'has not passed';
  if ((first.state === 'damaged' || isUnproven(first.state)) && first.why !== null) throw new WeldError('STEP_NOT_PASSED', `Step ${first.n} ${why}: ${first.why.replace(/\.$/u, '')}, or commit all the same.`);
  throw new WeldError('STEP_NOT_PASSED', `Step ${first.n} ${why}${open.length > 1 ? `, and ${open.length - 1} more` : ''}; finish or skip it, or commit all the same.`);
}

function chosen(top: string, args: CommitArgs): CommitRequest['what'] {
  if (args.files === undefined) return args.all ? 'all' : 'staged';
  if (args.all) throw new WeldError('INVALID_ARGUMENT', 'Commit either all changes or chosen files, not both.');
  return chosenFiles(top, args.files);
}
