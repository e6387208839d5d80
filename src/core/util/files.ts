import type { Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { isErrno } from './errors';

/** The entry at a path; a link itself, not its target. @returns null when nothing is there */
export async function lstat(file: string | Buffer): Promise<Stats | null> {
  try {
    return await fs.lstat(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** Whether anything is at a path, including a broken link; false when that cannot be checked. */
export const isPresent = (file: string): Promise<boolean> =>
  fs.lstat(file).then(
    () => true,
    () => false,
  );

/** Whether anything exists at a path; follows links. */
export const leadsToAnything = (file: string): Promise<boolean> =>
  fs.stat(file).then(
    () => true,
    () => false,
  );

/** Whether a path is a regular file; follows links. */
export const isFile = (file: string): Promise<boolean> =>
  fs.stat(file).then(
    (stat) => stat.isFile(),
    () => false,
  );

/** Whether a path is a folder; follows links. */
export const isFolder = (file: string): Promise<boolean> =>
  fs.stat(file).then(
    (stat) => stat.isDirectory(),
    () => false,
  );

/** The result of `look`, or null when it throws. */
export function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
