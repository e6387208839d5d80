import * as fs from 'node:fs';
import * as path from 'node:path';
import { isErrno } from '../errors';

/** True when `file` is below `root` by their texts; both absolute. Names such as `..foo` are no way out. */
export function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/**
 * Where a file is on the disk: one place has one path, however it was reached, by links, by another case, by a drive's
 * letter. The file itself is not followed, and need not be there.
 * @param file absolute @returns null where that cannot be told
 */
function placeOf(file: string): string | null {
  const folder = path.dirname(file);
  if (folder === file) return realOf(file);
  const real = realOf(folder);
  return real === null ? null : path.join(real, path.basename(file));
}

/**
 * @returns the path of `file` relative to `root` as they are on the disk, '' for the same place, or null when it is
 * elsewhere or that cannot be told; both absolute
 */
export function relativeInside(root: string, file: string): string | null {
  const [from, to] = [realOf(root), placeOf(file)];
  if (from === null || to === null) return null;
  if (from === to || from === realOf(file)) return '';
  return isInside(from, to) ? path.relative(from, to) : null;
}

/** Whether `file` is `root` or stands below it on the disk; both absolute. */
export const standsIn = (root: string, file: string): boolean => relativeInside(root, file) !== null;

/** What is not there is where its nearest folder is; what may not be looked at, or leads in a circle, is nowhere. */
function realOf(file: string): string | null {
  try {
    return fs.realpathSync.native(file);
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    const folder = path.dirname(file);
    if (folder === file) return file;
    const real = realOf(folder);
    return real === null ? null : path.join(real, path.basename(file));
  }
}
