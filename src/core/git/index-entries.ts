import type { GitRunner } from './run-git';

/** One entry of an index. A path in conflict has several. */
export interface IndexEntry {
  /** Relative to the top, forward slashes. */
  readonly path: string;
  readonly mode: string;
  /** As `ls-files -v` tells it: small where git is told to overlook changes, `S` where the file is not to be there. */
  readonly flag: string;
}

/** All that an index has, by one start of git. */
export async function indexEntries(git: GitRunner, index: string): Promise<IndexEntry[]> {
  return (await git.fields(['ls-files', '-v', '--stage', '-z'], { index })).map((line) => {
    const tab = line.indexOf('\t');
    return { path: line.slice(tab + 1), flag: line.slice(0, 1), mode: line.slice(2, line.indexOf(' ', 2)) };
  });
}
