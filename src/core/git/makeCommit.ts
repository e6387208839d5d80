import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunLock } from '../lock/runLock';
import type { Guests, ProgramResult } from '../process/ports';
import { WeldError } from '../util/errors';
import { leadsToAnything } from '../util/files';
import { prepareIndex } from './commitIndex';
import { rawChanges } from './diff';
import type { Filters } from './filters';
import type { CommitRequest, Committed, Oid, Trailer, TreeEntry } from './git';
import { failedHook, whyHookCannotRun, whyHookFailed } from './hooks';
import { makePrivateIndex, removeIndex } from './privateIndex';
import { type GitRunner, gitEnvironment, gitFailure } from './runGit';
import { entryOf, putEntries, sameEntry, stagedEntries } from './treeEntries';

const HOOK = { kind: 'hook', name: 'commit', label: 'A hook of the commit' } as const;

/** Timeout of a commit with its hooks, in ms; hooks may run test suites. */
const HOOKS_TIMEOUT_MS = 60 * 60_000;

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
 * Commits through a copy of the person's index, so that a failure leaves their own unchanged. Hooks see the copy as
 * GIT_INDEX_FILE, as with `git commit --all`; what they add to it is committed and reported.
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
    const { leftOut, taken } = await place.filters.run({ guests, lock, index, signal: request.signal }, (beside) =>
      prepareIndex(beside, lock, { gitDir, head, tree }, index, request),
    );
    const prepared = await git.id(['write-tree'], { index });
    if (prepared === tree && !(await concludesMerge(gitDir)))
      throw new WeldError(
        'NOTHING_TO_COMMIT',
        'There is nothing to commit: none of the chosen files differ from the last commit.',
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
          timeoutMs: HOOKS_TIMEOUT_MS,
          env: gitEnvironment({ GIT_INDEX_FILE: index, GIT_TRACE2_EVENT: trace }),
          ...(request.signal ? { signal: request.signal } : {}),
        }),
    );
    const sha = await place.head();
    // The ref counts more than git's exit code: if git was cancelled after the ref moved, the commit exists.
    if (sha === null || sha === head) throw await failure(git.cwd, result, trace);
    const after = await place.headTree();
    await adoptCommit(git, tree, after, taken);
    const changedByHooks =
      prepared === after ? [] : (await rawChanges(git, prepared, after)).map((change) => change.path);
    return { sha, leftOut, guard, changedByHooks };
  } finally {
    await Promise.all([removeIndex(index), fs.rm(trace, { force: true })]);
  }
}

/**
 * Git starts no background work, because that would be killed when this process ends. The message is UTF-8 and no line
 * of it counts as a comment or scissors, whatever the person's configuration says; signing stays as configured.
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

/** A merge is committed even if it changes no file. */
const concludesMerge = (gitDir: string): Promise<boolean> => leadsToAnything(`${gitDir}/MERGE_HEAD`);

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

/**
 * After a commit, updates the person's index with the committed entries where it equalled the old HEAD. Other staged
 * changes stay staged.
 * @param before and `after` trees of HEAD @param taken staged entries that were committed
 */
export async function adoptCommit(
  git: GitRunner,
  before: Oid,
  after: Oid,
  taken: ReadonlyMap<string, TreeEntry | null> = new Map(),
): Promise<void> {
  const changes = await rawChanges(git, before, after);
  if (changes.length === 0) return;
  for (let tries = 0; ; tries++) {
    try {
      const staged = await stagedEntries(git, null, before);
      const free = ({ path }: { readonly path: string }): boolean => {
        const own = staged.get(path);
        if (own === undefined) return true;
        const used = taken.get(path);
        return used !== undefined && sameEntry(own, used);
      };
      const entries = changes
        .filter(free)
        .map((change) => ({ path: change.path, entry: entryOf(change.newMode, change.newOid) }));
      await putEntries(git, null, entries, after);
      return;
    } catch (error) {
      // The commit exists; an outdated index is no reason to report a failure.
      if (!(error instanceof WeldError) || error.code !== 'GIT_LOCKED' || tries > 50) return;
      await sleep(100);
    }
  }
}

const TRAILER = /^([A-Za-z0-9-]+): \S/u;
/** Git ignores everything below such a line, so trailers below it would not be found. */
const SCISSORS = /^\S+ -{24} >8 -{24}/u;

/**
 * Adds trailers at the end of a commit message, where git and other tools look for them. Does not use git, which would
 * read the person's `trailer.*` settings, run their commands, and put trailers before comments.
 * @throws WeldError `INVALID_ARGUMENT`, `CONFIG_INVALID`
 */
export function messageWith(message: string, trailers: readonly Trailer[]): string {
  if (message.trim() === '') throw new WeldError('INVALID_ARGUMENT', 'The commit message is empty; write one.');
  if (message.includes('\0'))
    throw new WeldError(
      'INVALID_ARGUMENT',
      'The commit message contains a NUL character, which git does not accept; remove it.',
    );
  for (const { key, value } of trailers)
    if (!/^[A-Za-z0-9-]+$/u.test(key) || /[\r\n\0]/u.test(value))
      throw new WeldError(
        'CONFIG_INVALID',
        `"${key}" cannot be a trailer of a commit; use letters, digits and hyphens for git.commit_trailer_key.`,
      );
  const lines = tidyLines(message);
  const block = lines.slice(lines.lastIndexOf('') + 1);
  const joins = block.length < lines.length && isTrailers(block);
  const told = new Set(joins ? block : []);
  const added = trailers
    .map(({ key, value }) => `${key}: ${value}`)
    .filter((line, at, all) => !told.has(line) && all.indexOf(line) === at);
  return `${[...lines, ...(added.length > 0 && !joins ? [''] : []), ...added].join('\n')}\n`;
}

/** Removes trailing spaces and outer empty lines; keeps at most one empty line between paragraphs. */
function tidyLines(message: string): string[] {
  const lines = message
    .split(/\r\n|\r|\n/u)
    .map((line) => line.trimEnd())
    .map((line) => (SCISSORS.test(line) ? ` ${line}` : line));
  const kept = lines.filter((line, at) => line !== '' || (at > 0 && lines[at - 1] !== ''));
  return kept.at(-1) === '' ? kept.slice(0, -1) : kept;
}

/** Whether a paragraph consists of trailers only, so that more can be appended. */
function isTrailers(block: readonly string[]): boolean {
  const own = block.map((line) => TRAILER.exec(line)?.[1]);
  return (
    own[0] !== undefined &&
    block.every(
      (line, at) => own[at] !== undefined || /^\s/u.test(line) || line.startsWith('(cherry picked from commit '),
    )
  );
}
