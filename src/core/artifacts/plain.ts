import * as fs from 'node:fs';
import * as path from 'node:path';
import { isErrno } from '../util/errors';
import { damaged, isInside, outside, writeError } from './inside';

/**
 * The one door to what Weld writes or removes below a folder of its own: whatever stands on the way has to be a real
 * folder. A link there was put by somebody else, and would have Weld write or delete where it leads.
 */

/** A folder that is held open, so that it stays the one that was looked at, whatever its name comes to mean. */
export interface HeldFolder extends Disposable {
  /**
   * The path of something in it, for system calls, valid until it is disposed of. @param name one path segment; `.` for
   * itself
   */
  at(name: string): string;
}

/** Folders held open by number can be named through here (Linux). */
const OPEN_FILES = '/proc/self/fd';
const numbered = process.platform === 'linux' && fs.existsSync(OPEN_FILES);
/** Opens a place without reading it, so that no right to read is needed; Node does not name it. */
const O_PATH = 0o10000000;

/**
 * Holds a folder at or below `root`.
 * @param root absolute path; it must not be a link itself
 * @param make folders that are missing are made
 * @returns null when it is not there and was not to be made
 * @throws WeldError `OUTSIDE_REPOSITORY` for a link on the way, `DAMAGED_FILE` for a file there, `NOT_WRITABLE`,
 *   `DISK_FULL`
 */
export function holdFolder(root: string, folder: string, make: boolean): HeldFolder | null {
  if (folder !== root && !isInside(root, folder)) throw outside(folder);
  const names = folder === root ? [] : path.relative(root, folder).split(path.sep);
  if (make && !isFolder(root)) tryTo(root, () => fs.mkdirSync(root, { recursive: true }), 'EEXIST');
  return numbered ? byNumber(root, names, make) : byName(root, names, make);
}

/**
 * Looks only. @throws WeldError `OUTSIDE_REPOSITORY` when `file` is not below `root`, or a link stands on the way to it
 */
export function assertPlain(root: string, file: string): void {
  if (!isInside(root, file)) throw outside(file);
  holdFolder(root, path.dirname(file), false)?.[Symbol.dispose]();
}

function byNumber(root: string, names: readonly string[], make: boolean): HeldFolder | null {
  let handle = openFolder(root, root);
  let at = root;
  for (const name of names) {
    if (handle === null) return null;
    const above: number = handle;
    const file = `${OPEN_FILES}/${above}/${name}`;
    at = path.join(at, name);
    try {
      handle = openFolder(file, at);
      if (handle !== null || !make) continue;
      tryTo(
        at,
        () => {
          fs.mkdirSync(file);
        },
        'EEXIST',
      );
      handle = openFolder(file, at);
    } finally {
      fs.closeSync(above);
    }
  }
  if (handle === null) return null;
  const held = handle;
  return {
    at: (name) => `${OPEN_FILES}/${held}/${segment(name)}`,
    [Symbol.dispose]: () => {
      fs.closeSync(held);
    },
  };
}

/** Where open folders have no names: each is looked at directly before what is done in it. */
function byName(root: string, names: readonly string[], make: boolean): HeldFolder | null {
  let at = root;
  for (const name of ['', ...names]) {
    at = path.join(at, name);
    if (isFolder(at)) continue;
    if (!make) return null;
    tryTo(
      at,
      () => {
        fs.mkdirSync(at);
      },
      'EEXIST',
    );
    if (!isFolder(at)) return null;
  }
  const folder = at;
  return { at: (name) => path.join(folder, segment(name)), [Symbol.dispose]: () => undefined };
}

/** @param shown the path that people know @returns null when nothing is there */
function openFolder(file: string, shown: string): number | null {
  try {
    return fs.openSync(file, O_PATH | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    if (isErrno(error, 'ENOTDIR', 'ELOOP')) isFolder(file, shown); // says what it is instead
    throw writeError(shown, error);
  }
}

/** @returns false when nothing is there @throws WeldError for anything else than a folder */
function isFolder(file: string, shown = file): boolean {
  let stat: fs.Stats | undefined;
  try {
    stat = fs.lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw writeError(shown, error);
  }
  if (stat === undefined) return false;
  if (stat.isSymbolicLink()) throw outside(shown);
  if (!stat.isDirectory()) throw damaged(shown, 'stands where a folder has to be');
  return true;
}

function segment(name: string): string {
  if (name === '' || name === '..' || name.includes('/') || name.includes(path.sep)) throw outside(name);
  return name;
}

function tryTo(file: string, act: () => void, accepted: string): void {
  try {
    act();
  } catch (error) {
    if (!isErrno(error, accepted)) throw writeError(file, error);
  }
}
