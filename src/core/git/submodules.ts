import * as path from 'node:path';
import { lstat } from '../lstat';
import { besideFiltersOf, type FilteredWork } from './filters';
import { isPlain, onDisk } from './names';
import { GitRunner } from './run-git';

/** The mode of a submodule's entry. */
export const SUBMODULE = '160000';

/** Paths of the submodules in a repository's index. */
async function submodulesIn(git: GitRunner): Promise<string[]> {
  const entries = await git.fields(['ls-files', '--stage', '-z']);
  return entries.flatMap((entry) => (entry.startsWith(`${SUBMODULE} `) ? [entry.slice(entry.indexOf('\t') + 1)] : []));
}

/** One that is checked out, with those in it; no git where none can be started or none can tell. */
interface Submodule {
  readonly of: string;
  readonly git: GitRunner | null;
}

/**
 * Those of some submodules in which files stand that no commit of theirs has: a tree names only their commit. Each is
 * asked
 * by a git of its own, so that filters of its own configuration are started like any others.
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
  return besideFiltersOf(gits, work, async (beside) => {
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

/** Null where git cannot tell: then nobody can say that nothing stands there. */
async function orNull<T>(signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return null;
  }
}
