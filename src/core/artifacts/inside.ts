import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isErrno } from '../errors';

/** True when `file` is below `root`; both absolute. Names such as `..foo` are no way out. */
export function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** True when `file`, which may not exist yet, is below `root` and no folder on the way is a link that leads elsewhere. */
export async function staysInside(root: string, file: string): Promise<boolean> {
  if (!isInside(root, file)) return false;
  const realRoot = await fs.realpath(root).catch(() => null);
  if (realRoot === null) return true; // nothing is there that could lead away
  for (let folder = path.dirname(file); isInside(root, folder); folder = path.dirname(folder)) {
    try {
      return (await fs.realpath(folder)) === path.join(realRoot, path.relative(root, folder));
    } catch (error) {
      if (isErrno(error, 'ENOENT') && !(await isLink(folder))) continue;
      return false;
    }
  }
  return true;
}

async function isLink(file: string): Promise<boolean> {
  const stat = await fs.lstat(file).catch(() => null);
  return stat?.isSymbolicLink() === true;
}
