import { fieldsOf, type GitOptions, type GitRunner } from './run-git';

/** A file whose name on disk has another case than the one that is tracked. */
export interface CaseRename {
  readonly from: string;
  readonly to: string;
}

/**
 * Files renamed in case alone, on a disk that takes both names for one: there git itself finds the tracked file under
 * either
 * name and sees no change.
 * @param status as git tells it when it thinks that case matters: the name on disk is untracked then
 */
export async function inOtherCase(
  git: GitRunner,
  status: readonly { readonly path: string; readonly unstaged: string }[],
  options: GitOptions,
): Promise<CaseRename[]> {
  const untracked = status.filter(({ unstaged, path }) => unstaged === '?' && !path.endsWith('/'));
  if (untracked.length === 0) return [];
  const { index, signal } = options;
  const tracked = fieldsOf(await git.bytes(['ls-files', '-z'], { signal, ...(index !== undefined && { index }) }));
  const byFold = new Map(tracked.map((path) => [fold(path), path]));
  return untracked.flatMap(({ path: to }) => {
    const from = byFold.get(fold(to));
    return from === undefined || from === to ? [] : [{ from, to }];
  });
}

const fold = (path: string): string => path.normalize('NFC').toLowerCase();
