import { WeldError } from '../util/errors';
import type { LeftOut } from './git';
import type { GitRunner } from './runGit';
import { fileKind, isRepository, type StatusEntry, whyLeftOut } from './status';

export interface IndexUpdate {
  /** Paths that the index takes from the work tree. */
  readonly add: readonly string[];
  /** Paths that the index loses: deleted or left out. */
  readonly remove: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Tracked paths among the left-out ones; the index keeps its version. */
  readonly unreadable: readonly string[];
}

export interface IndexUpdateRules {
  /** Untracked files to include even if they are large or secret. */
  readonly include: ReadonlySet<string>;
  /** Files in the index that the person does not track; they are judged as untracked. */
  readonly untracked: ReadonlySet<string>;
}

/** Number of files checked before yielding to the event loop. */
const FILES_PER_TURN = 200;

/**
 * Plans how to make a private index equal the work tree. A nested repository that is not a submodule is left out, and
 * reported.
 */
export async function planIndexUpdate(
  top: string,
  status: readonly StatusEntry[],
  rules: IndexUpdateRules,
): Promise<IndexUpdate> {
  const update = { add: [] as string[], remove: [] as string[], unreadable: [] as string[], leftOut: [] as LeftOut[] };
  const { leftOut } = update;
  let checked = 0;
  for (const entry of status) {
    if (++checked % FILES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    const { path, unstaged, conflicted } = entry;
    if (unstaged === ' ' && !conflicted) continue;
    if (path.endsWith('/')) {
      leftOut.push({ path: path.slice(0, -1), why: 'nested repository' }); // git lists all other folders file by file
      continue;
    }
    if (unstaged === 'D' && !conflicted) {
      // To git a repository without commits is a gone file.
      if (await isRepository(top, path)) leftOut.push({ path, why: 'nested repository' });
      update.remove.push(path); // not `--remove`: git refuses that for a path whose folder has become a symbolic link
      continue;
    }
    const { list, why } = judge(top, entry, rules);
    if (why !== null) leftOut.push({ path, why });
    if (list !== null) update[list].push(path);
  }
  return update;
}

/** What happens to one file that is there: the list it belongs in, if any, and why it is left out, if it is. */
function judge(
  top: string,
  { path, unstaged }: StatusEntry,
  { include, untracked: untrackedFiles }: IndexUpdateRules,
): { readonly list: 'add' | 'remove' | 'unreadable' | null; readonly why: LeftOut['why'] | null } {
  const untracked = unstaged === '?' || untrackedFiles.has(path);
  const kind = fileKind(top, path);
  const why =
    kind.why ??
    (kind.folder && unstaged === 'T' ? 'nested repository' : null) ??
    (untracked && !include.has(path) ? whyLeftOut(path, kind.size) : null);
  if (why === null) return { list: 'add', why };
  if (why === 'nested repository' || (untracked && unstaged !== '?')) return { list: 'remove', why };
  return { list: untracked ? null : 'unreadable', why };
}

/**
 * Updates paths of a private index from the work tree. @returns those that git refuses; the index keeps its version of
 * them
 */
export async function updateIndex(
  git: GitRunner,
  index: string,
  { add, remove }: Pick<IndexUpdate, 'add' | 'remove'>,
  signal?: AbortSignal,
): Promise<readonly LeftOut[]> {
  if (remove.length > 0)
    await git.bytes(['update-index', '--force-remove', '-z', '--stdin'], { index, input: remove.join('\0'), signal });
  return addPaths(git, index, add, signal);
}

/** Git adds all files or none. If it refuses, each half is tried, so that one file never excludes the others. */
async function addPaths(
  git: GitRunner,
  index: string,
  add: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly LeftOut[]> {
  if (add.length === 0) return [];
  try {
    await git.bytes(['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], {
      index,
      input: add.join('\0'),
      signal,
    });
    return [];
  } catch (error) {
    if (!(error instanceof WeldError) || error.code !== 'GIT_FAILED' || cannotWrite(String(error.cause))) throw error;
    // Throws if the index itself is the problem.
    await git.bytes(['update-index', '-z', '--stdin'], { index, input: '', signal });
    const [first] = add;
    if (first !== undefined && add.length === 1) return [{ path: first, why: 'refused by git' }];
    const half = add.length >> 1;
    return [
      ...(await addPaths(git, index, add.slice(0, half), signal)),
      ...(await addPaths(git, index, add.slice(half), signal)),
    ];
  }
}

/** Messages of git when it cannot write at all. */
const CANNOT_WRITE: readonly RegExp[] = [
  /insufficient permission for adding|unable to create temporary|unable to write/iu,
  /Read-only file system|No space left|index file (?:corrupt|smaller)/iu,
];
const cannotWrite = (message: string): boolean => CANNOT_WRITE.some((form) => form.test(message));
