import * as fs from 'node:fs';
import { isErrno } from '../errors';
import { lstat } from '../lstat';
import { onDisk } from './names';
import { looksSecret } from './secrets';
import type { LeftOut } from './types';

/** Untracked files above this stay out of a tree until the person says otherwise, in bytes. */
const LARGE = 1_000_000;

/** @param file an untracked file, relative to the top @param size in bytes. @returns why it stays out, or null */
export function whyLeftOut(file: string, size: number): LeftOut['why'] | null {
  if (looksSecret(file)) return 'secret';
  return size > LARGE ? 'large' : null;
}

export interface Stands {
  /** Why git cannot read it; null where it can, and where nothing stands there any more. */
  readonly why: LeftOut['why'] | null;
  readonly folder: boolean;
  /** Of a file, in bytes. */
  readonly size: number;
}

/** Whether a repository of its own stands under a name in the work tree; a symbolic link to one is a link. */
export async function isRepository(top: string, folder: string): Promise<boolean> {
  if (!(await lstat(onDisk(top, folder)))?.isDirectory()) return false;
  return (await lstat(onDisk(top, `${folder}/.git`))) !== null;
}

/** What stands under a name in the work tree. */
export function whatStands(top: string, file: string): Stands {
  const place = onDisk(top, file);
  try {
    const stat = fs.lstatSync(place);
    const folder = stat.isDirectory();
    if (stat.isFile()) fs.accessSync(place, fs.constants.R_OK);
    return {
      why: stat.isFile() || stat.isSymbolicLink() || folder ? null : 'not a file',
      folder,
      size: stat.isFile() ? stat.size : 0,
    };
  } catch (error) {
    if (!isErrno(error)) throw error;
    return { why: isErrno(error, 'ENOENT', 'ENOTDIR') ? null : 'unreadable', folder: false, size: 0 };
  }
}
