import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { RunId } from '../../artifacts/ids';
import { readText } from '../../artifacts/store';

/** The folder that holds every seal; guests see it read-only at most. @param storage the extension's own, absolute */
export const sealsRoot = (storage: string): string => path.join(storage, 'seals');

/** Where the seals of a run stand; null when the reader does not know the extension's storage. */
export async function sealFile(
  project: { readonly top: string; readonly storage: string },
  run: RunId,
): Promise<string | null> {
  if (project.storage === '') return null;
  return path.join(sealsRoot(project.storage), await repositoryKey(project.top), `${run}.json`);
}

/** One key for a repository and all its linked work trees: runs of the same id there share their refs too. */
async function repositoryKey(top: string): Promise<string> {
  const folder = await commonFolder(top);
  const real = await fs.realpath(folder).catch(() => folder);
  return createHash('sha256').update(real).digest('hex').slice(0, 32);
}

/** The git folder that all work trees share, read as git does but without starting it. */
async function commonFolder(top: string): Promise<string> {
  const dotGit = path.join(top, '.git');
  const pointer = /^gitdir: (.+)$/mu.exec((await readText(dotGit).catch(() => null)) ?? '')?.[1];
  const own = pointer === undefined ? dotGit : path.resolve(top, pointer.trimEnd());
  const common = await readText(path.join(own, 'commondir')).catch(() => null);
  return common === null ? own : path.resolve(own, common.trim());
}
