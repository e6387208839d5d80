import * as path from 'node:path';
import { lstat } from '../util/files';
import { parseRawDiff, SUBMODULE } from './diff';
import { type FilteredWork, withFiltersOf } from './filters';
import type { Oid, PathEntry, TreeEntry } from './git';
import { isPlain, onDisk } from './names';
import { oid } from './oid';
import { GitRunner } from './runGit';

/** Every file, link and submodule of a tree, by path. @param tree null before the first commit: no entries */
export async function treeEntries(git: GitRunner, tree: Oid | null): Promise<Map<string, TreeEntry>> {
  if (tree === null) return new Map();
  const lines = await git.fields(['ls-tree', '-r', '-z', '--full-tree', oid(tree)]);
  return new Map(
    lines.flatMap((line) => {
      const tab = line.indexOf('\t');
      const [mode, , id] = line.slice(0, tab).split(' ');
      return tab > 0 && mode !== undefined && id !== undefined
        ? [[line.slice(tab + 1), { mode, oid: id as Oid }] as const]
        : [];
    }),
  );
}

export function sameEntry(a: TreeEntry | null, b: TreeEntry | null): boolean {
  return a === null || b === null ? a === b : a.mode === b.mode && a.oid === b.oid;
}

/**
 * Writes entries into an index without reading or writing the work tree.
 * @param index null: the person's own @param like any id of the repository: a removal needs zeros of that length
 */
export async function putEntries(
  git: GitRunner,
  index: string | null,
  entries: readonly PathEntry[],
  like: Oid,
): Promise<void> {
  if (entries.length === 0) return;
  const none = '0'.repeat(like.length);
  const input = entries.map(({ path, entry }) => `${entry?.mode ?? '0'} ${entry?.oid ?? none}\t${path}\0`).join('');
  await git.bytes(['update-index', '-z', '--index-info'], { input, ...(index !== null && { index }) });
}

/**
 * Entries of an index that differ from a tree; null for a removed path. Excludes files marked by `git add
 * --intent-to-add`.
 */
export async function stagedEntries(
  git: GitRunner,
  index: string | null,
  tree: Oid,
): Promise<Map<string, TreeEntry | null>> {
  const args = [
    'diff-index',
    '--cached',
    '--raw',
    '--no-abbrev',
    '--no-renames',
    '--ignore-submodules=none',
    '--ita-invisible-in-index',
    '-z',
    oid(tree),
    '--',
  ];
  return new Map(
    parseRawDiff(await git.fields(args, index === null ? {} : { index })).map((change) => [
      change.path,
      entryOf(change.newMode, change.newOid),
    ]),
  );
}

/** Converts one side of a raw change; null for a missing side. */
export function entryOf(mode: string, id: Oid): TreeEntry | null {
  return /^0+$/u.test(mode) ? null : { mode, oid: id };
}

/** Paths of the submodules in a repository's index. */
async function submodulesIn(git: GitRunner): Promise<string[]> {
  const entries = await git.fields(['ls-files', '--stage', '-z']);
  return entries.flatMap((entry) => (entry.startsWith(`${SUBMODULE} `) ? [entry.slice(entry.indexOf('\t') + 1)] : []));
}

/**
 * A submodule that is checked out, or one nested in it. `of`: the outermost one. `git` is null if git cannot read it.
 */
interface Submodule {
  readonly of: string;
  readonly git: GitRunner | null;
}

/**
 * Submodules with uncommitted files: a tree names only their commit. Each has its own git process, so that the filters
 * it configures run as guests too.
 * @param paths relative to the folder of `git`
 */
export async function changedSubmodules(
  git: GitRunner,
  work: FilteredWork,
  paths: readonly string[],
): Promise<readonly string[]> {
  const found: Submodule[] = [];
  for (const name of paths) found.push(...(await within(git, name, name, work.signal)));
  const gits = found.flatMap((each) => each.git ?? []);
  if (found.length === 0) return [];
  return withFiltersOf(gits, work, async (beside) => {
    const changed = new Set<string>();
    for (const { of, git: inner } of found)
      if (!changed.has(of) && (inner === null || (await isChanged(beside(inner), work.signal)))) changed.add(of);
    return [...changed];
  });
}

async function within(
  outer: GitRunner,
  name: string,
  of: string,
  signal: AbortSignal | undefined,
): Promise<Submodule[]> {
  if (!(await lstat(onDisk(outer.cwd, `${name}/.git`)))) return []; // not checked out
  if (!isPlain(name)) return [{ of, git: null }];
  const git = new GitRunner(path.join(outer.cwd, name), outer.programs, ['--git-dir=.git']);
  const inner = await orNull(signal, () => submodulesIn(git));
  if (inner === null) return [{ of, git: null }];
  return [{ of, git }, ...(await Promise.all(inner.map((each) => within(git, each, of, signal)))).flat()];
}

async function isChanged(git: GitRunner, signal: AbortSignal | undefined): Promise<boolean> {
  const status = await orNull(signal, () => git.bytes(STATUS, { signal }));
  return status === null || status.length > 0;
}

const STATUS = [
  'status',
  '--porcelain=v1',
  '-z',
  '--untracked-files=normal',
  '--no-renames',
  '--ignore-submodules=dirty',
  '--no-ahead-behind',
] as const;

/** Null if git fails: the submodule then counts as changed. */
async function orNull<T>(signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return null;
  }
}
