import * as path from 'node:path';
import { ignoresCase, isWeldPath } from '../artifacts/inside';
import type { RunLock } from '../lock/runLock';
import { WeldError } from '../util/errors';
import { lstat } from '../util/files';
import type { CommitRequest, LeftOut, Oid, TreeEntry } from './git';
import { copyIndex } from './privateIndex';
import { type GitRunner, gitLocked } from './runGit';
import { fullStatus, operationInProgress, otherHeads, readStatus, refusePartialCommit } from './status';
import { putEntries, stagedEntries, treeEntries } from './treeEntries';
import { planIndexUpdate, updateIndex } from './updateIndex';

export interface HeadState {
  readonly gitDir: string;
  /** Null before the first commit. */
  readonly head: Oid | null;
  /** The tree of HEAD; the empty tree without commits. */
  readonly tree: Oid;
}

export interface Prepared {
  /** Files that `all` leaves out. */
  readonly leftOut: readonly LeftOut[];
  /** Staged entries that the commit takes, or replaces as git would. */
  readonly taken: ReadonlyMap<string, TreeEntry | null>;
}

/**
 * Builds a private index with exactly what will be committed; only reads the person's own index.
 * @throws WeldError `GIT_FAILED` with conflicts, and if a merge or similar operation allows no partial commit
 */
export async function prepareIndex(
  git: GitRunner,
  lock: RunLock,
  place: HeadState,
  index: string,
  request: CommitRequest,
): Promise<Prepared> {
  const { what, signal } = request;
  const { gitDir, tree } = place;
  const ignoreCase = ignoresCase(git.cwd);
  const own = path.join(gitDir, 'index');
  if (await lstat(`${own}.lock`)) throw gitLocked(`${own}.lock`);
  await copyIndex(lock, own, index);
  if ((await git.bytes(['ls-files', '--unmerged', '-z'], { index })).length > 0)
    throw new WeldError(
      'GIT_FAILED',
      'Some files still have merge conflicts; resolve and stage them, then commit again.',
    );
  const now = await operationInProgress(git, gitDir);
  if (what !== 'staged' && what !== 'all') refusePartialCommit(now);
  const staged = await stagedEntries(git, index, tree);
  if (typeof what === 'object' && 'onto' in what) {
    if (what.onto !== place.head)
      throw new WeldError('GIT_FAILED', 'HEAD has moved while the commit was being prepared; commit again.');
    await resetToTree(git, index, tree, [...staged.keys()]);
    await putEntries(git, index, what.entries, tree);
    return { leftOut: [], taken: new Map() };
  }
  const kept = now === null ? new Set<string>() : await trackedWeldFiles(git, gitDir, tree);
  const unstageWeldFiles = async (): Promise<void> =>
    resetToTree(
      git,
      index,
      tree,
      [...(await stagedEntries(git, index, tree)).keys()].filter(
        (file) => isWeldPath(file, ignoreCase) && !kept.has(file),
      ),
    );
  if (what === 'staged') {
    await unstageWeldFiles();
    return { leftOut: [], taken: staged };
  }
  if (what === 'all') {
    const update = await planIndexUpdate(git.cwd, await readStatus(git, { index, signal }), {
      include: new Set(),
      untracked: new Set(),
    });
    const refused = await updateIndex(git, index, update, signal);
    await unstageWeldFiles();
    return { leftOut: [...update.leftOut, ...refused], taken: staged };
  }
  await resetToTree(git, index, tree, [...staged.keys()]);
  const chosen = what.map(repositoryPath).filter((file) => !isWeldPath(file, ignoreCase));
  await addRenamed(git, index, chosen, signal);
  await addChosen(git, index, chosen, signal);
  await unstageWeldFiles();
  return { leftOut: [], taken: staged };
}

/** Adds files whose names changed only in case, chosen by either name or by folder: `git add` does not see them. */
async function addRenamed(
  git: GitRunner,
  index: string,
  chosen: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (!ignoresCase(git.cwd)) return;
  const covers = (file: string): boolean =>
    chosen.some((one) => one === '.' || file === one || file.startsWith(`${one}/`));
  const renamed = (await fullStatus(git, { index, signal })).renamed.filter(
    ({ from, to }) => covers(from) || covers(to),
  );
  await updateIndex(git, index, { remove: renamed.map(({ from }) => from), add: renamed.map(({ to }) => to) }, signal);
}

async function addChosen(
  git: GitRunner,
  index: string,
  chosen: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (chosen.length === 0) return;
  const added = await git.result(['add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'], {
    index,
    input: chosen.join('\0'),
    signal,
    accept: [0, 1, 128],
  });
  if (added.exitCode === 0) return;
  const said = Buffer.from(added.stderr).toString('utf8');
  throw new WeldError(
    'INVALID_ARGUMENT',
    `The chosen files cannot be committed: ${
      said
        .split('\n')
        .find((line) => line.trim() !== '')
        ?.replace(/^(fatal|error): /, '') ?? 'git gave no reason'
    }`,
  );
}

/**
 * Tracked files below `.weld` on all sides of a merge: without them the commit would revert the other side's changes.
 */
async function trackedWeldFiles(git: GitRunner, gitDir: string, tree: Oid): Promise<Set<string>> {
  const sides = await Promise.all([tree, ...(await otherHeads(git, gitDir))].map((side) => treeEntries(git, side)));
  const ignoreCase = ignoresCase(git.cwd);
  return new Set(sides.flatMap((side) => [...side.keys()].filter((file) => isWeldPath(file, ignoreCase))));
}

/** Resets entries of a private index to those of HEAD. */
async function resetToTree(git: GitRunner, index: string, tree: Oid, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const before = await treeEntries(git, tree);
  await putEntries(
    git,
    index,
    paths.map((file) => ({ path: file, entry: before.get(file) ?? null })),
    tree,
  );
}

function repositoryPath(file: string): string {
  const clean = path.posix.normalize(file.split(path.sep).join('/')).replace(/\/$/, '');
  if (clean.startsWith('../') || clean === '..' || path.isAbsolute(file))
    throw new WeldError('OUTSIDE_REPOSITORY', `${file} is not in this repository; choose files inside it.`);
  return clean;
}
