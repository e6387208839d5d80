import type { Pending } from '../artifacts/recoverySchemas';
import type { RunId } from '../artifacts/runIds';
import { type CommitRequest, type Committed, leftOutPaths, type MergedOnto, type Oid } from '../git/git';
import type { Operation } from '../project';
import type { StepState } from '../steps/state/states';
import { WeldError } from '../util/errors';
import { chosenFiles, commitSteps } from './commit/commitSteps';
import { finishInterrupted } from './commit/interrupted';
import { acceptancesOf, sessionsOf, trailersOf, transcriptWith, waiversOf, warningTrailers } from './commit/provenance';
import { clearPending, recordCommit, writePending } from './commit/recordCommit';
import { type Confirm, differsFrom, reviewedSteps, whatPassed } from './commit/reviewed';
import { readRun } from './listRuns';

/** What to commit, and how. Default: the reviewed changes of the steps that have passed. */
export interface CommitArgs {
  readonly runId: RunId;
  readonly message: string;
  /**
   * `passed`: the reviewed changes of the steps; `staged`: the current index; `all`: every change.
   * Default: `passed`.
   */
  readonly what?: 'passed' | 'staged' | 'all';
  /** Numbers of the steps to commit. Default: all steps that were worked on. */
  readonly steps?: readonly number[];
  /** Commits every change; overrides `what`. */
  readonly all?: boolean;
  /** Paths to commit, absolute or relative to the repository's top; overrides `what`. */
  readonly files?: readonly string[];
  /** Commits even if a step has not passed, or a file would not be committed as reviewed. */
  readonly force?: boolean;
  /** Asks the person about files that would not be committed as reviewed. Without it, the commit is refused. */
  readonly confirm?: Confirm;
}

export interface CommitResult {
  readonly sha: Oid;
  /** Files whose committed content differs from what was last checked and reviewed. */
  readonly differs: readonly string[];
  /** Files that hooks changed during the commit. */
  readonly hookChanged?: readonly string[];
  /** With `all`: untracked files left out because they are large or their name looks secret. `git add` adds them. */
  readonly leftOut?: readonly string[];
}

/**
 * Commits the run's work with its provenance, and records the commit in the run.
 * @throws WeldError `STEP_NOT_PASSED`, `NOT_AS_REVIEWED`, `NOTHING_TO_COMMIT`, `HOOK_FAILED`, `STEP_NOT_FOUND` or
 *   `INVALID_ARGUMENT` and leaves the index and the run unchanged; `VIOLATION` if the commit was made, but its hooks
 *   did something they may not do
 */
export async function commitRun(op: Operation, args: CommitArgs): Promise<CommitResult> {
  const { project } = op;
  const { runId } = args;
  if (args.message.trim() === '') throw new WeldError('INVALID_ARGUMENT', 'The commit needs a message.');
  const asked = askedFor(project.top, args);
  const recovered = await finishInterrupted(op, runId);
  try {
    return await commitNow(op, args, asked);
  } catch (error) {
    if (recovered !== null && error instanceof WeldError && error.code === 'NOTHING_TO_COMMIT') return recovered;
    throw error;
  }
}

async function commitNow(op: Operation, args: CommitArgs, asked: Asked): Promise<CommitResult> {
  const { project, lock } = op;
  const { runId, force = false } = args;
  const run = await readRun(project, runId);
  if (run.meta.abandoned)
    throw new WeldError('INVALID_ARGUMENT', 'This run was abandoned; commit with git, or start a new run.');
  const { worked, chosen } = commitSteps(run.steps, args.steps, force);
  const steps = asked === 'passed' ? whichPassed(chosen, args) : worked;
  const reviewed = await reviewedSteps(project, runId, steps);

  const { config } = await project.config();
  const sessions = sessionsOf(steps);
  const [head, before, waivers] = await Promise.all([
    project.git.head(),
    project.git.headTree(),
    waiversOf(project, runId, steps),
    transcriptWith(project, runId, sessions), // detects a damaged transcript before git commits
  ]);
  const trailers = [
    ...trailersOf(project, runId, config, sessions, { waivers, accepted: acceptancesOf(steps) }),
    ...warningTrailers(steps),
  ];
  const pending: Pending = {
    parent: head.sha,
    tree_before: before,
    message: args.message,
    trailers: trailers.map((trailer) => ({ ...trailer })),
    steps: (asked === 'passed' ? reviewed : steps).map((step) => step.n),
    passed: asked === 'passed',
    started_at: project.now().toISOString(),
  };
  let done: Committed;
  try {
    const what =
      asked === 'passed'
        ? await whatPassed(op, head.sha, steps, reviewed, { force, ...(args.confirm && { confirm: args.confirm }) })
        : asked;
    await writePending(op, runId, pending);
    op.report({ message: 'commit' });
    done = await project.git.commit(lock, { message: args.message, what, trailers, signal: op.signal });
  } catch (error) {
    await clearPending(op, runId);
    throw error;
  }
  const differs = await differsFrom(project, await project.git.headTree(), reviewed);
  await recordCommit(op, runId, done.sha, pending, {
    differs,
    hook_changed: done.changedByHooks,
    hook_violations: done.guard.violations,
  });
  for (const sentence of done.guard.warnings) project.log.warn(sentence);
  if (done.guard.violations.length > 0)
    throw new WeldError(
      'VIOLATION',
      `The commit ${done.sha.slice(0, 10)} was made, but: ${done.guard.violations.join(' ')}`,
    );
  return {
    sha: done.sha,
    differs,
    ...(done.changedByHooks.length > 0 && { hookChanged: done.changedByHooks }),
    ...leftOutPaths(done.leftOut),
  };
}

/** With `force` but no chosen steps, only the passed steps are committed, unless none has passed. */
function whichPassed(chosen: readonly StepState[], { steps }: CommitArgs): readonly StepState[] {
  const passed = chosen.filter((step) => step.state === 'passed');
  return steps === undefined && passed.length > 0 ? passed : chosen;
}

type Asked = 'passed' | Exclude<CommitRequest['what'], MergedOnto>;

function askedFor(top: string, { all, files, what = 'passed' }: CommitArgs): Asked {
  if (files === undefined) return all ? 'all' : what;
  if (all) throw new WeldError('INVALID_ARGUMENT', 'Commit either all changes or chosen files, not both.');
  return chosenFiles(top, files);
}
