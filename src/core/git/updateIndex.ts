import { WeldError } from '../util/errors';
import type { LeftOut } from './git';
import type { GitRunner } from './runGit';
import { isRepository, type StatusEntry, whatStands, whyLeftOut } from './status';

export interface Intake {
  /** To be brought into the index as they are in the work tree. */
  readonly take: readonly string[];
  /** To be taken out of the index: gone, or left out. */
  readonly drop: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Those of the left out that are tracked: the index keeps what it has of them. */
  readonly stuck: readonly string[];
}

export interface IntakeRules {
  /** Untracked files that are wanted though large or secret. */
  readonly include: ReadonlySet<string>;
  /** Files in the index that the person does not track: still judged as untracked. */
  readonly ours: ReadonlySet<string>;
}

/** So many files are looked at before others get their turn. */
const AT_ONCE = 200;

/**
 * What a private index lacks to equal the work tree. A repository in it that is not a submodule stays out, and is
 * named.
 */
export async function intakeOf(top: string, status: readonly StatusEntry[], rules: IntakeRules): Promise<Intake> {
  const take: string[] = [];
  const drop: string[] = [];
  const leftOut: LeftOut[] = [];
  const stuck: string[] = [];
  let looked = 0;
  for (const { path, unstaged, conflicted } of status) {
    if (++looked % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    if (unstaged === ' ' && !conflicted) continue;
    if (path.endsWith('/')) {
      leftOut.push({ path: path.slice(0, -1), why: 'nested repository' }); // git lists every other folder by its files
      continue;
    }
    if (unstaged === 'D' && !conflicted) {
      if (await isRepository(top, path)) leftOut.push({ path, why: 'nested repository' }); // one without commits is to git a file gone
      drop.push(path); // not `--remove`: git refuses that for a path whose folder has become a symbolic link
      continue;
    }
    const untracked = unstaged === '?' || rules.ours.has(path);
    const stands = whatStands(top, path);
    const why =
      stands.why ??
      (stands.folder && unstaged === 'T' ? 'nested repository' : null) ??
      (untracked && !rules.include.has(path) ? whyLeftOut(path, stands.size) : null);
    if (why === null) {
      take.push(path);
      continue;
    }
    leftOut.push({ path, why });
    if (why === 'nested repository' || (untracked && unstaged !== '?')) drop.push(path);
    else if (!untracked) stuck.push(path);
  }
  return { take, drop, leftOut, stuck };
}

/**
 * Brings paths of the work tree into a private index. @returns those that git refuses, of which the index keeps what it
 * had
 */
export async function bringIn(
  git: GitRunner,
  index: string,
  { take, drop }: Pick<Intake, 'take' | 'drop'>,
  signal?: AbortSignal,
): Promise<readonly LeftOut[]> {
  if (drop.length > 0)
    await git.bytes(['update-index', '--force-remove', '-z', '--stdin'], { index, input: drop.join('\0'), signal });
  return takeIn(git, index, take, signal);
}

/** Git takes all or nothing: where it refuses, the halves are tried, so that one file never keeps the others out. */
async function takeIn(
  git: GitRunner,
  index: string,
  take: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly LeftOut[]> {
  if (take.length === 0) return [];
  try {
    await git.bytes(['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], {
      index,
      input: take.join('\0'),
      signal,
    });
    return [];
  } catch (error) {
    if (!(error instanceof WeldError) || error.code !== 'GIT_FAILED' || NO_FAULT_OF_FILES.test(String(error.cause)))
      throw error;
    await git.bytes(['update-index', '-z', '--stdin'], { index, input: '', signal }); // throws where the index itself is at fault
    const [first] = take;
    if (first !== undefined && take.length === 1) return [{ path: first, why: 'refused by git' }];
    const half = take.length >> 1;
    return [
      ...(await takeIn(git, index, take.slice(0, half), signal)),
      ...(await takeIn(git, index, take.slice(half), signal)),
    ];
  }
}

/** What git says when it cannot write, of whatever file. */
const NO_FAULT_OF_FILES =
  /insufficient permission for adding|unable to create temporary|unable to write|Read-only file system|No space left|index file (?:corrupt|smaller)/iu;
