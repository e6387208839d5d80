import { WeldPaths } from '../artifacts/paths';
import type { GitRunner } from './run-git';
import type { StatusEntry } from './status';
import type { LeftOut } from './types';
import { whyLeftOut } from './untracked';

export interface Intake {
  /** To be brought into the index as they are in the work tree. */
  readonly take: readonly string[];
  /** To be taken out of the index: gone, or left out. */
  readonly drop: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

export interface IntakeRules {
  /** Untracked files that are wanted though large or secret. */
  readonly include: ReadonlySet<string>;
  /** Files in the index that the person does not track: still judged as untracked. */
  readonly ours: ReadonlySet<string>;
}

/** What a private index lacks to equal the work tree. An embedded repository that is not a submodule stays out. */
export async function intakeOf(top: string, status: readonly StatusEntry[], rules: IntakeRules): Promise<Intake> {
  const take: string[] = [];
  const drop: string[] = [];
  const leftOut: LeftOut[] = [];
  for (const { path, unstaged, conflicted } of status) {
    if (unstaged === ' ' && !conflicted) continue;
    if (path.endsWith('/')) continue;
    if (unstaged === 'D' && !conflicted) {
      drop.push(path); // not `--remove`: git refuses that for a path whose folder has become a symbolic link
      continue;
    }
    const untracked = unstaged === '?' || rules.ours.has(path);
    const why = untracked && !rules.include.has(path) ? await whyLeftOut(top, path) : null;
    if (why === null) take.push(path);
    else {
      leftOut.push({ path, why });
      if (unstaged !== '?') drop.push(path);
    }
  }
  return { take, drop, leftOut };
}

/** Brings paths of the work tree into a private index. */
export async function bringIn(git: GitRunner, index: string, { take, drop }: Pick<Intake, 'take' | 'drop'>, signal?: AbortSignal): Promise<void> {
  if (drop.length > 0) await git.bytes(['update-index', '--force-remove', '-z', '--stdin'], { index, input: drop.join('\0'), signal });
  if (take.length > 0) await git.bytes(['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], { index, input: take.join('\0'), signal });
}

/** Takes Weld's own files, which a team may track, out of a private index. */
export async function withoutWelds(git: GitRunner, index: string): Promise<void> {
  const drop = await git.fields(['ls-files', '-z', '--cached', '--', WeldPaths.folderName], { index });
  await bringIn(git, index, { take: [], drop: [...new Set(drop)] });
}
