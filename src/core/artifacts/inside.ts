import * as fs from 'node:fs';
import * as path from 'node:path';
import { isErrno, reason, WeldError } from '../util/errors';
import { WeldPaths } from './paths';

/** Whether `file` is below `root`, judging by the text of both absolute paths. Names such as `..foo` are allowed. */
export function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/**
 * The canonical path of a file: the same for every way to it, such as links, another case or a drive letter. The file
 * itself is not followed and need not exist.
 * @param file absolute @returns null if it cannot be determined
 */
function placeOf(file: string): string | null {
  const folder = path.dirname(file);
  if (folder === file) return realOf(file);
  const real = realOf(folder);
  return real === null ? null : path.join(real, path.basename(file));
}

/**
 * Both paths are absolute and resolved on the disk.
 * @returns the path of `file` relative to `root`, '' for the same place, or null if it is elsewhere or cannot be
 * determined
 */
export function relativeInside(root: string, file: string): string | null {
  const [from, to] = [realOf(root), placeOf(file)];
  if (from === null || to === null) return null;
  if (from === to || from === realOf(file)) return '';
  return isInside(from, to) ? path.relative(from, to) : null;
}

/** Whether `file` is `root` or below it on the disk; both paths are absolute. */
export const standsIn = (root: string, file: string): boolean => relativeInside(root, file) !== null;

/** Resolves a missing file by its nearest existing folder. @returns null for links in a circle and denied access */
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
 * Whether a path from git's output is in Weld's own folder.
 * @param name relative to the top, with forward slashes
 * @param ignoreCase whether the disk treats `.WELD` as `.weld`; otherwise `.WELD` is a folder of the person
 */
export function isWeldPath(name: string, ignoreCase: boolean): boolean {
  const at = name.indexOf('/');
  const first = at < 0 ? name : name.slice(0, at);
  return first === WeldPaths.folderName || (ignoreCase && first.toLowerCase() === WeldPaths.folderName);
}

/**
 * Whether the disk treats `.WELD` as `.weld`: then it finds both names but lists one. Inode numbers cannot be compared,
 * because some disks give each name its own.
 * @param top absolute path of the repository's top folder
 */
export function ignoresCase(top: string): boolean {
  const [lower, upper] = [WeldPaths.folderName, WeldPaths.folderName.toUpperCase()];
  if (![lower, upper].every((name) => fs.lstatSync(path.join(top, name), { throwIfNoEntry: false }))) return false;
  const listed = new Set(fs.readdirSync(top));
  return !(listed.has(lower) && listed.has(upper));
}

/** Turns a failed write (no space, no permission, no disk) into a message that a person can act on. */
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
    `${file} cannot be written (${reason(error)}); its previous content is unchanged.`,
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
