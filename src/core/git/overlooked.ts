import * as path from 'node:path';
import { type IndexStamp, stampOf } from './private-index';
import type { GitRunner } from './run-git';

/** What the person's index is told to overlook. Git is asked again when the index is another. */
export class Overlooked {
  private told: { readonly of: IndexStamp; readonly paths: readonly string[] } | undefined;

  constructor(
    private readonly git: GitRunner,
    private readonly gitDir: string,
  ) {}

  async read(): Promise<readonly string[]> {
    const of = await stampOf(path.join(this.gitDir, 'index')).catch(() => '');
    if (this.told?.of === of) return this.told.paths;
    const lines = of === '' ? [] : await this.git.fields(['ls-files', '-v', '-z']);
    const paths = lines.filter((line) => /^[a-zS] /u.test(line));
    this.told = { of, paths };
    return paths;
  }
}

/** @returns an absolute path, or null where hooks stand in the git folder */
export async function hooksPath(git: GitRunner): Promise<string | null> {
  // The last one is what git is told each time, so that no hook runs while Weld looks.
  const told = (await git.fields(['config', '-z', '--get-all', '--type=path', 'core.hooksPath'], { accept: [0, 1] }))
    .slice(0, -1)
    .at(-1);
  return told === undefined ? null : path.resolve(git.cwd, told);
}
