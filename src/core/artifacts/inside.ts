import * as fs from 'node:fs';
import * as path from 'node:path';
import { isErrno, reason, WeldError } from '../util/errors';
import { WeldPaths } from './paths';

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

/**
 * Whether a path that git gives is Weld's own.
 * @param name relative to the top, with forward slashes
 * @param ignoreCase whether the disk takes `.WELD` for `.weld`: elsewhere that is a folder of the person's
 */
export function isWeldPath(name: string, ignoreCase: boolean): boolean {
  const at = name.indexOf('/');
  const first = at < 0 ? name : name.slice(0, at);
  return first === WeldPaths.folderName || (ignoreCase && first.toLowerCase() === WeldPaths.folderName);
}

/**
 * Whether the disk takes `.WELD` for `.weld`: it finds both, and lists one. Numbers of files do not tell, as some disks
 * give
 * each name its own. @param top absolute path of the repository's top folder
 */
export function ignoresCase(top: string): boolean {
  const [lower, upper] = [WeldPaths.folderName, WeldPaths.folderName.toUpperCase()];
  if (![lower, upper].every((name) => fs.lstatSync(path.join(top, name), { throwIfNoEntry: false }))) return false;
  const listed = new Set(fs.readdirSync(top));
  return !(listed.has(lower) && listed.has(upper));
}

/** A missing disk, right or space as the sentence a person can act on. */
export function writeError(file: string, error: unknown): WeldError {
  if (error instanceof WeldError) return error;
  if (isErrno(error, 'ENOSPC', 'EDQUOT', 'EFBIG'))
    return new WeldError(
      'DISK_FULL',
      `There is no space left to write ${file}; free some and try again, nothing was lost.`,
      { cause: error },
    );
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS'))
    return new WeldError(
      'NOT_WRITABLE',
      `${file} cannot be written; give yourself write access to the .weld folder and try again.`,
      { cause: error },
    );
  return new WeldError(
    'NOT_WRITABLE',
    `${file} cannot be written (${reason(error)}); what it held before is unchanged.`,
    { cause: error },
  );
}

export function outside(file: string): WeldError {
  return new WeldError('OUTSIDE_REPOSITORY', `${file} leads out of .weld; remove the link and try again.`);
}

export function damaged(file: string, fault: string, cause?: unknown): WeldError {
  return new WeldError(
    'DAMAGED_FILE',
    `${file} ${fault}; restore it from a backup or remove it, Weld does not overwrite it.`,
    { cause },
  );
}
