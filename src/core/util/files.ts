import type { Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { isErrno } from './errors';

/** What stands under a name, a link itself and not what it leads to. @returns null when nothing does */
export async function lstat(file: string | Buffer): Promise<Stats | null> {
  try {
    return await fs.lstat(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** Whether anything stands under a name, a link that leads nowhere too; false where that cannot be found out. */
export const isPresent = (file: string): Promise<boolean> =>
  fs.lstat(file).then(
    () => true,
    () => false,
  );

/** Whether a name leads to anything; links are followed. */
export const leadsToAnything = (file: string): Promise<boolean> =>
  fs.stat(file).then(
    () => true,
    () => false,
  );

/** Whether a name leads to a regular file; links are followed. */
export const isFile = (file: string): Promise<boolean> =>
  fs.stat(file).then(
    (stat) => stat.isFile(),
    () => false,
  );

/** Whether a name leads to a folder; links are followed. */
export const isFolder = (file: string): Promise<boolean> =>
  fs.stat(file).then(
    (stat) => stat.isDirectory(),
    () => false,
  );

/** What a look gives, or null where it may not or cannot be had. */
export function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
