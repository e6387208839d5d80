import * as fs from 'node:fs';
import * as path from 'node:path';
import { isErrno } from '../util/errors';
import { damaged, isInside, outside, writeError } from './inside';

/**
 * Everything that Weld writes or removes below a folder of its own goes through here: every folder on the path has to
 * be a real one. A link there was made by somebody else, and would make Weld write or delete where it leads.
 */

/** A folder that is held open, so that it stays the one that was checked even if its name is replaced. */
export interface HeldFolder extends Disposable {
  /**
   * The path of an entry, for system calls; valid until the folder is disposed.
   * @param name one path segment; `.` for the folder itself
   */
  at(name: string): string;
}

/** On Linux, an open folder has a path by its descriptor below this one. */
const OPEN_FILES = '/proc/self/fd';
const numbered = process.platform === 'linux' && fs.existsSync(OPEN_FILES);
/** Opens a folder without the permission to read it; Node has no constant for it. */
const O_PATH = 0o10000000;

/**
 * Holds a folder at or below `root`.
 * @param root absolute path; it must not be a link itself
 * @param make creates missing folders
 * @returns null if it does not exist and `make` is false
 * @throws WeldError `OUTSIDE_REPOSITORY` for a link on the path, `DAMAGED_FILE` for a file on it, `NOT_WRITABLE`,
 *   `DISK_FULL`
 */
export function holdFolder(root: string, folder: string, make: boolean): HeldFolder | null {
  if (folder !== root && !isInside(root, folder)) throw outside(folder);
  const names = folder === root ? [] : path.relative(root, folder).split(path.sep);
  if (make && !isFolder(root)) tryTo(root, () => fs.mkdirSync(root, { recursive: true }), 'EEXIST');
  return numbered ? byNumber(root, names, make) : byName(root, names, make);
}

/** The same, creating missing folders. @throws WeldError as `holdFolder` */
export function makeFolder(root: string, folder: string): HeldFolder {
  const held = holdFolder(root, folder, true);
  if (held === null) throw writeError(folder, new Error('it was removed while it was being created'));
  return held;
}

/**
 * Writes a new file completely and then has it moved into place, so that a crash never leaves half a file there.
 * @param built absolute path of the new file; it is removed if anything fails
 * @param file the final path, for messages
 * @param place moves the new file there
 * @param options.flush waits until the bytes are on the disk
 * @throws WeldError `DISK_FULL`, `NOT_WRITABLE`, and what `place` throws
 */
export async function writeAside(
  built: string,
  file: string,
  text: string | Uint8Array,
  place: () => void | Promise<void>,
  options: { readonly flush?: boolean; readonly mode?: number } = { flush: true },
): Promise<void> {
  try {
    // Node writes until everything is on the disk; write-file-atomic writes once and keeps half a file on a full disk.
    await fs.promises.writeFile(built, text, { flag: 'wx', ...options });
    await place();
  } catch (error) {
    await fs.promises.rm(built, { force: true }).catch(() => undefined);
    throw writeError(file, error);
  }
}

/**
 * Checks only. @throws WeldError `OUTSIDE_REPOSITORY` if `file` is not below `root` or a link is on the path to it
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

/** For systems without paths for open folders: checks each folder directly before it is used. */
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

/** @param shown the path for messages @returns null if it does not exist */
function openFolder(file: string, shown: string): number | null {
  try {
    return fs.openSync(file, O_PATH | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    if (isErrno(error, 'ENOTDIR', 'ELOOP')) isFolder(file, shown); // throws the error that says what it is instead
    throw writeError(shown, error);
  }
}

/** @returns false if it does not exist @throws WeldError for anything other than a folder */
function isFolder(file: string, shown = file): boolean {
  let stat: fs.Stats | undefined;
  try {
    stat = fs.lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw writeError(shown, error);
  }
  if (stat === undefined) return false;
  if (stat.isSymbolicLink()) throw outside(shown);
  if (!stat.isDirectory()) throw damaged(shown, 'is in the place of a folder');
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
