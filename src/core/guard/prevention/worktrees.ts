import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { readCapped } from '../../git/readCapped';

/** One work tree of a repository, with the git folder that is its own. */
export interface WorkTree {
  readonly top: string;
  readonly gitDir: string;
}

/**
 * The work trees of a repository beside those that are gone, as git's own files name them. @param common the shared git
 * folder
 */
export async function workTreesOf(common: string): Promise<WorkTree[]> {
  const main = path.basename(common) === '.git' ? [{ top: path.dirname(common), gitDir: common }] : [];
  const folder = path.join(common, 'worktrees');
  const names = await fs.readdir(folder).catch(() => []);
  const linked = await Promise.all(
    names.map(async (name) => {
      const gitDir = path.join(folder, name);
      const told = (await readCapped(path.join(gitDir, 'gitdir'), 16 * 1024))?.toString('utf8').trim() ?? '';
      return told === '' ? [] : [{ top: path.dirname(path.resolve(gitDir, told)), gitDir }];
    }),
  );
  return [...main, ...linked.flat()];
}
