import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { ignoresCase, isWeldPath } from '../artifacts/inside';
import { rawChanges } from './diff';
import type { MergedSteps, NotAsReviewed, Oid, PassedTrees, PathEntry, TreeEntry } from './git';
import type { GitRunner } from './runGit';
import { entryOf, sameEntry, treeEntries } from './treeEntries';

interface Change {
  readonly from: TreeEntry | null;
  readonly to: TreeEntry | null;
}

/**
 * Merges the change of each step three ways onto HEAD, using git objects only; never reads the work tree.
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
    const { value: entry, clean } = await mergeChanges(git, ours, made);
    if (!sameEntry(entry, ours)) entries.push({ path, entry });
    if (!clean) notAsReviewed.push({ path, why: 'overlaps' });
    else if (!sameEntry(entry, reviewed)) notAsReviewed.push({ path, why: 'merged' });
  }
  for (const path of directoryFileConflicts(before, entries))
    if (notAsReviewed.every((one) => one.path !== path)) notAsReviewed.push({ path, why: 'overlaps' });
  return { entries, notAsReviewed };
}

/** Merges the changes of all steps to one path. The newest change needs no merge if it starts from HEAD's entry. */
async function mergeChanges(
  git: GitRunner,
  ours: TreeEntry | null,
  made: readonly Change[],
): Promise<Merged<TreeEntry | null>> {
  const newest = made.at(-1);
  if (newest && (sameEntry(ours, newest.from) || sameEntry(ours, newest.to))) return { value: newest.to, clean: true };
  let value = ours;
  let clean = true;
  for (const change of joinConsecutive(made)) {
    const merged = await mergeEntry(git, change.from, value, change.to);
    value = merged.value;
    clean &&= merged.clean;
  }
  return { value, clean };
}

/** Joins consecutive changes if the second starts from the entry that the first ends with. */
function joinConsecutive(made: readonly Change[]): Change[] {
  const joined: Change[] = [];
  for (const change of made) {
    const last = joined.at(-1);
    if (last && sameEntry(last.to, change.from)) joined[joined.length - 1] = { from: last.from, to: change.to };
    else joined.push(change);
  }
  return joined;
}

/** Files that would replace a folder, or would be inside a path that is a file in HEAD. */
function directoryFileConflicts(before: ReadonlyMap<string, TreeEntry>, entries: readonly PathEntry[]): string[] {
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

/** Maximum size of a file that is merged line by line, in bytes. */
const MAX_MERGED_BYTES = 16 * 1024 * 1024;
const REGULAR = new Set(['100644', '100755']);
/** Exit codes of `git merge-file`: the number of conflicts; 255 if the content is not text. */
const ANY_EXIT_CODE = Array.from({ length: 256 }, (_, code) => code);

interface Merged<T> {
  readonly value: T;
  /** False if both sides changed the same thing; the value is then theirs. */
  readonly clean: boolean;
}

/** Merges one value three ways: the side that changed it wins. */
function mergeValue<T>(base: T | undefined, ours: T, theirs: T): Merged<T> {
  return theirs === base ? { value: ours, clean: true } : { value: theirs, clean: ours === theirs || ours === base };
}

const isRegular = (entry: TreeEntry | null): entry is TreeEntry => entry !== null && REGULAR.has(entry.mode);

/**
 * Merges one path three ways from git's objects, without drivers, filters or rename detection.
 * If both sides changed the same lines, theirs wins and the result is not clean.
 */
async function mergeEntry(
  git: GitRunner,
  base: TreeEntry | null,
  ours: TreeEntry | null,
  theirs: TreeEntry | null,
): Promise<Merged<TreeEntry | null>> {
  if (sameEntry(ours, base) || sameEntry(ours, theirs)) return { value: theirs, clean: true };
  if (sameEntry(theirs, base)) return { value: ours, clean: true };
  const conflict = { value: theirs, clean: false };
  if (!isRegular(ours) || !isRegular(theirs) || (base !== null && !isRegular(base))) return conflict;
  const mode = mergeValue(base?.mode, ours.mode, theirs.mode);
  const whole = mergeValue(base?.oid, ours.oid, theirs.oid);
  const content = whole.clean ? whole : base && (await mergeContent(git, base.oid, ours.oid, theirs.oid));
  return content ? { value: { mode: mode.value, oid: content.value }, clean: content.clean && mode.clean } : conflict;
}

/** Merges the content of one file line by line. @returns null for content that is not text, or too large */
async function mergeContent(git: GitRunner, base: Oid, ours: Oid, theirs: Oid): Promise<Merged<Oid> | null> {
  for (const id of [base, ours, theirs])
    if (Number(await git.text(['cat-file', '-s', id])) > MAX_MERGED_BYTES) return null;
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'weld-merge-'));
  try {
    const files = {
      ours: path.join(folder, 'ours'),
      base: path.join(folder, 'base'),
      theirs: path.join(folder, 'theirs'),
    };
    await Promise.all(
      [
        [files.ours, ours],
        [files.base, base],
        [files.theirs, theirs],
      ].map(async ([file = '', id = '']) => fs.writeFile(file, await git.bytes(['cat-file', 'blob', id]))),
    );
    const merge = (...how: string[]): ReturnType<GitRunner['result']> =>
      git.result(['merge-file', '--stdout', '--quiet', ...how, files.ours, files.base, files.theirs], {
        accept: ANY_EXIT_CODE,
      });
    const plain = await merge();
    if (plain.exitCode >= 128) return null;
    const result = plain.exitCode === 0 ? plain : await merge('--theirs');
    if (result.exitCode !== 0) return null;
    return {
      value: await git.id(['hash-object', '-w', '--stdin'], { input: result.stdout }),
      clean: plain.exitCode === 0,
    };
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
