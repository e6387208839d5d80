import { WeldError } from '../util/errors';
import type { LeftOut } from './git';
import type { GitRunner } from './runGit';
import { fileKind, isRepository, type StatusEntry, whyLeftOut } from './status';

export interface IndexUpdate {
  /** To be brought into the index as they are in the work tree. */
  readonly add: readonly string[];
  /** To be taken out of the index: gone, or left out. */
  readonly remove: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Those of the left out that are tracked: the index keeps what it has of them. */
  readonly unreadable: readonly string[];
}

export interface IndexUpdateRules {
  /** Untracked files that are wanted though large or secret. */
  readonly include: ReadonlySet<string>;
  /** Files in the index that the person does not track: still judged as untracked. */
  readonly untracked: ReadonlySet<string>;
}

/** Number of files checked before yielding to the event loop. */
const FILES_PER_TURN = 200;

/**
 * What a private index lacks to equal the work tree. A repository in it that is not a submodule stays out, and is
 * named.
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
 * Brings paths of the work tree into a private index. @returns those that git refuses, of which the index keeps what it
 * had
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

/** Git takes all or nothing: where it refuses, the halves are tried, so that one file never keeps the others out. */
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
    if (!(error instanceof WeldError) || error.code !== 'GIT_FAILED' || CANNOT_WRITE.test(String(error.cause)))
      throw error;
    await git.bytes(['update-index', '-z', '--stdin'], { index, input: '', signal }); // throws where the index itself is at fault
    const [first] = add;
    if (first !== undefined && add.length === 1) return [{ path: first, why: 'refused by git' }];
    const half = add.length >> 1;
    return [
      ...(await addPaths(git, index, add.slice(0, half), signal)),
      ...(await addPaths(git, index, add.slice(half), signal)),
    ];
  }
}

/** What git says when it cannot write, of whatever file. */
const CANNOT_WRITE =
  /insufficient permission for adding|unable to create temporary|unable to write|Read-only file system|No space left|index file (?:corrupt|smaller)/iu;
