import * as fs from 'node:fs';
import * as path from 'node:path';

/** True when `file` is below `root` by their texts; both absolute. Names such as `..foo` are no way out. */
export function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/**
 * Where a file is on the disk: one place has one path, however it was reached, by links, by another case, by a drive's
 * letter. The file itself is not followed, and need not be there.
 * @param file absolute
 */
function placeOf(file: string): string {
  const folder = path.dirname(file);
  return folder === file ? realOf(file) : path.join(realOf(folder), path.basename(file));
}

/** @returns the path of `file` relative to `root` as they are on the disk, '' for the same place, or null when it is elsewhere; both absolute */
export function relativeInside(root: string, file: string): string | null {
  const [from, to] = [realOf(root), placeOf(file)];
  if (from === to || from === realOf(file)) return '';
  return isInside(from, to) ? path.relative(from, to) : null;
}

/** Whether `file` is `root` or stands below it on the disk; both absolute. */
export const standsIn = (root: string, file: string): boolean => relativeInside(root, file) !== null;

/** What is not there is where its nearest folder is. */
function realOf(file: string): string {
  try {
    return fs.realpathSync.native(file);
  } catch {
    const folder = path.dirname(file);
    return folder === file ? file : path.join(realOf(folder), path.basename(file));
  }
}
