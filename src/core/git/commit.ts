import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WeldError } from '../errors';
import type { Guests } from '../guard/types';
import type { RunLock } from '../lock/types';
import type { ProgramResult } from '../process/types';
import { adoptCommit } from './adopt';
import { prepareIndex } from './commit-index';
import { rawChanges } from './diff';
import { gitFailure } from './failures';
import type { Filters } from './filters';
import { whyHookCannotRun } from './hook-file';
import { failedHook } from './hook-trace';
import { whyHookFailed } from './hook-words';
import { messageWith } from './message';
import { dropIndex, makePrivateIndex } from './private-index';
import { type GitRunner, gitEnvironment } from './run-git';
import type { CommitRequest, Committed, Oid } from './types';

const HOOK = { kind: 'hook', name: 'commit', label: 'A hook of the commit' } as const;

/** Hooks run test suites. In ms. */
const HOOKS_MAY_TAKE = 60 * 60_000;

export interface CommitPlace {
  /** Where the person's index is. */
  readonly gitDir: string;
  readonly guests: Guests;
  readonly filters: Filters;
  head(): Promise<Oid | null>;
  /** The tree of HEAD; the empty tree without commits. */
  headTree(): Promise<Oid>;
}

/**
 * Commits through a copy of the person's index, so that whatever fails on the way leaves their own as it was.
 * Hooks see the copy as GIT_INDEX_FILE, as they do for `git commit --all`; what they add to it is committed, and named.
 */
export async function commit(
  git: GitRunner,
  place: CommitPlace,
  lock: RunLock,
  request: CommitRequest,
): Promise<Committed> {
  const message = messageWith(request.message, request.trailers);
  await assertIdentity(git);
  const [head, tree] = await Promise.all([place.head(), place.headTree()]);
  const { gitDir, guests } = place;
  const index = await makePrivateIndex(gitDir, lock, 'commit');
  const trace = `${index}.trace`;
  try {
    const { leftOut, taken } = await place.filters.beside({ guests, lock, index, signal: request.signal }, (beside) =>
      prepareIndex(beside, lock, { gitDir, head, tree }, index, request),
    );
    const prepared = await git.text(['write-tree'], { index });
    if (prepared === tree && !(await concludesMerge(gitDir)))
      throw new WeldError(
        'NOTHING_TO_COMMIT',
        'There is nothing to commit: nothing that was chosen differs from the last commit.',
      );
    lock.assertHeld();
    const { result, report: guard } = await guests.around(
      { lock, guest: HOOK, writable: [path.dirname(index)], signal: request.signal },
      (programs) =>
        programs.supervise({
          file: 'git',
          args: COMMIT,
          cwd: git.cwd,
          input: message,
          timeoutMs: HOOKS_MAY_TAKE,
          env: gitEnvironment({ GIT_INDEX_FILE: index, GIT_TRACE2_EVENT: trace }),
          ...(request.signal ? { signal: request.signal } : {}),
        }),
    );
    const sha = await place.head();
    // Git's own end counts less than the ref: cancelled after it has moved, the commit exists.
    if (sha === null || sha === head) throw await failure(git.cwd, result, trace);
    const after = await place.headTree();
    await adoptCommit(git, tree, after, taken);
    const changedByHooks =
      prepared === after ? [] : (await rawChanges(git, prepared, after)).map((change) => change.path);
    return { sha, leftOut, guard, changedByHooks };
  } finally {
    await Promise.all([dropIndex(index), fs.rm(trace, { force: true })]);
  }
}

/**
 * An end of this program ends what git starts in the background, so it starts nothing there. The message is UTF-8, and
 * no
 * line of it is a comment or an end, whatever the person's git is set to; their wish to sign stays.
 */
const COMMIT = [
  '--no-pager',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.splitIndex=false',
  '-c',
  'gc.auto=0',
  '-c',
  'maintenance.auto=false',
  '-c',
  'i18n.commitEncoding=UTF-8',
  '-c',
  'core.commentChar=#',
  '-c',
  'commit.verbose=false',
  'commit',
  '--quiet',
  '--cleanup=whitespace',
  '--file=-',
] as const;

async function assertIdentity(git: GitRunner): Promise<void> {
  for (const who of ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT'])
    await git.bytes(['var', who]).catch((error: unknown) => {
      if (!(error instanceof WeldError) || error.code !== 'GIT_FAILED') throw error;
      throw new WeldError(
        'GIT_FAILED',
        'Git does not know who you are; set it with: git config --global user.name "Your Name" and git config ' +
          '--global user.email you@example.com',
        { cause: error },
      );
    });
}

/** A merge is a commit of its own even where it changes nothing. */
function concludesMerge(gitDir: string): Promise<boolean> {
  return fs.stat(`${gitDir}/MERGE_HEAD`).then(
    () => true,
    () => false,
  );
}

async function failure(top: string, result: ProgramResult, trace: string): Promise<WeldError> {
  if (result.ended.how !== 'exited') return gitFailure('commit', result);
  const output = [result.stdout, result.stderr].map((bytes) => Buffer.from(bytes).toString('utf8')).join('\n');
  const hook = await failedHook(trace);
  if (hook === null) return gitFailure('commit', result);
  const why = (await whyHookCannotRun(top, output)) ?? whyHookFailed(output);
  return new WeldError('HOOK_FAILED', `The ${hook} hook refused the commit: ${why}`, {
    cause: new Error(output.slice(-8_000)),
  });
}
