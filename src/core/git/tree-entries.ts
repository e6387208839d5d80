import { oid, rawFields } from './diff';
import type { GitRunner } from './run-git';
import type { Oid, PathEntry, TreeEntry } from './types';

/** Every file, link and submodule of a tree by its path. @param tree null: none, as before the first commit */
export async function treeEntries(git: GitRunner, tree: Oid | null): Promise<Map<string, TreeEntry>> {
  if (tree === null) return new Map();
  const lines = await git.fields(['ls-tree', '-r', '-z', '--full-tree', oid(tree)]);
  return new Map(
    lines.flatMap((line) => {
      const tab = line.indexOf('\t');
      const [mode, , id] = line.slice(0, tab).split(' ');
      return tab > 0 && mode !== undefined && id !== undefined
        ? [[line.slice(tab + 1), { mode, oid: id }] as const]
        : [];
    }),
  );
}

export function sameEntry(a: TreeEntry | null, b: TreeEntry | null): boolean {
  return a === null || b === null ? a === b : a.mode === b.mode && a.oid === b.oid;
}

/**
 * Puts entries into an index as they are: no file of the work tree is read or written.
 * @param index null: the person's own @param like any id of the repository: git wants as many zeros beside a removal
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
 * Where an index differs from a tree, and what it has there. A file of which git only knows that it will be added is
 * not in it.
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
    rawFields(await git.fields(args, index === null ? {} : { index })).map((change) => [
      change.path,
      entryOf(change.newMode, change.newOid),
    ]),
  );
}

/** One side of a raw change. */
export function entryOf(mode: string, id: Oid): TreeEntry | null {
  return /^0+$/u.test(mode) ? null : { mode, oid: id };
}
