import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { isErrno } from '../errors';
import { nodeFs } from './fs';
import type { LockNames } from './names';

/**
 * Removes a file or an empty folder, without hard links, if it is the one that was judged: it is moved aside, looked at
 * again, and put back when it turns out to be another.
 * @param isIt asked of its name, then of the name that it was moved to; @returns false when it was another, or is gone
 */
export function removeJudged(names: LockNames, name: string, isIt: (file: string) => boolean): boolean {
  // Somebody else's is not even moved.
  if (!isIt(name)) return false;
  const aside = names.aside(0, randomUUID());
  try {
    nodeFs.rename(name, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
  const right = isIt(aside);
  if (!right && !nodeFs.exists(name)) nodeFs.rename(aside, name);
  else if (nodeFs.lstat(aside)?.kind === 'folder') fs.rmdirSync(aside);
  else nodeFs.unlink(aside);
  return right;
}
