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

/** What a look gives, or null where it may not or cannot be had. */
export function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
