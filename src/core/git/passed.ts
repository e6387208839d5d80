import { ignoresCase, isWeldPath } from '../artifacts/weldPath';
import { rawChanges } from './diff';
import type { GitRunner } from './run-git';
import { mergeEntry } from './three-way';
import { entryOf, sameEntry, treeEntries } from './tree-entries';
import type { MergedSteps, NotAsReviewed, Oid, PassedTrees, PathEntry, TreeEntry } from './types';

interface Change {
  readonly from: TreeEntry | null;
  readonly to: TreeEntry | null;
}

/**
 * The difference of each step, merged three ways onto HEAD from git's objects; the work tree is never read.
 * @param head null before the first commit @param steps in the order in which they passed
 */
export async function mergeSteps(
  git: GitRunner,
  head: Oid | null,
  steps: readonly PassedTrees[],
): Promise<MergedSteps> {
  const changes = new Map<string, Change[]>();
  const ignoreCase = ignoresCase(git.cwd);
  for (const { base, tree } of steps)
    for (const change of await rawChanges(git, base, tree))
      if (!isWeldPath(change.path, ignoreCase))
        changes.set(change.path, [
          ...(changes.get(change.path) ?? []),
          { from: entryOf(change.oldMode, change.oldOid), to: entryOf(change.newMode, change.newOid) },
        ]);
  const before = await treeEntries(git, head);
  const entries: PathEntry[] = [];
  const notAsReviewed: NotAsReviewed[] = [];
  for (const [path, made] of changes) {
    const ours = before.get(path) ?? null;
    const reviewed = made.at(-1)?.to ?? null;
    const { entry, clean } = await mergeChanges(git, ours, made);
    if (!sameEntry(entry, ours)) entries.push({ path, entry });
    if (!clean) notAsReviewed.push({ path, why: 'overlaps' });
    else if (!sameEntry(entry, reviewed)) notAsReviewed.push({ path, why: 'merged' });
  }
  for (const path of inTheWay(before, entries))
    if (notAsReviewed.every((one) => one.path !== path)) notAsReviewed.push({ path, why: 'overlaps' });
  return { entries, notAsReviewed };
}

/**
 * One path through the changes of all steps. A change that begins where HEAD stands and is the newest needs no merge.
 */
async function mergeChanges(
  git: GitRunner,
  ours: TreeEntry | null,
  made: readonly Change[],
): Promise<{ entry: TreeEntry | null; clean: boolean }> {
  const newest = made.at(-1);
  if (newest && (sameEntry(ours, newest.from) || sameEntry(ours, newest.to))) return { entry: newest.to, clean: true };
  let entry = ours;
  let clean = true;
  for (const change of chained(made)) {
    const merged = await mergeEntry(git, change.from, entry, change.to);
    entry = merged.entry;
    clean &&= merged.clean;
  }
  return { entry, clean };
}

/** Joins a change that begins where the one before it ends. */
function chained(made: readonly Change[]): Change[] {
  const joined: Change[] = [];
  for (const change of made) {
    const last = joined.at(-1);
    if (last && sameEntry(last.to, change.from)) joined[joined.length - 1] = { from: last.from, to: change.to };
    else joined.push(change);
  }
  return joined;
}

/** Files that would take a folder's place, or stand below what is a file in HEAD. */
function inTheWay(before: ReadonlyMap<string, TreeEntry>, entries: readonly PathEntry[]): string[] {
  const after = new Set(before.keys());
  for (const { path, entry } of entries) {
    if (entry) after.add(path);
    else after.delete(path);
  }
  const folders = new Set([...after].flatMap(foldersOf));
  return entries.flatMap(({ path, entry }) =>
    entry && (folders.has(path) || foldersOf(path).some((folder) => after.has(folder))) ? [path] : [],
  );
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}
