import * as fs from 'node:fs';
import { isErrno, reason, WeldError } from '../util/errors';
import { nodeFs } from './fs';
import type { LockNames } from './lockNames';
import { refusal } from './survey';

const OR_NONE = { throwIfNoEntry: false } as const;

/**
 * The lock is neither read nor written through a symbolic link.
 * @returns a text that names what is in the place of one of the lock's folders, or null when nothing is
 */
export function inTheWay(names: LockNames): string | null {
  return lookAt(names).inTheWay;
}

/**
 * The lock is never written through a symbolic link, nor into a `.weld` folder that does not exist.
 * @returns the error that says why it cannot be written, or null
 */
export function realFolders(names: LockNames): WeldError | null {
  const { there, inTheWay: why } = lookAt(names);
  if (why !== null) return refusal({ kind: 'unreadable', why });
  return there
    ? null
    : new WeldError(
        'NOT_WRITABLE',
        `The folder ${names.weldDir} does not exist; run "Weld: Initialize Repository" first.`,
      );
}

/**
 * Makes the `.weld` folder again if it was removed.
 * @returns false when something else is in the place of a lock folder, or the folder cannot be made
 */
export function remake(names: LockNames): boolean {
  try {
    const { there, inTheWay: why } = lookAt(names);
    if (!there) nodeFs.mkdir(names.weldDir);
    return why === null;
  } catch (error) {
    if (isErrno(error)) return false;
    throw error;
  }
}

function lookAt({ weldDir, folder }: LockNames): { readonly there: boolean; readonly inTheWay: string | null } {
  const weld = fs.lstatSync(weldDir, OR_NONE);
  return {
    there: weld !== undefined,
    inTheWay: notAFolder(weldDir, weld) ?? notAFolder(folder, fs.lstatSync(folder, OR_NONE)),
  };
}

function notAFolder(path: string, stat: fs.Stats | undefined): string | null {
  return !stat || stat.isDirectory()
    ? null
    : `${path}: it is ${stat.isSymbolicLink() ? 'a symbolic link, which is not followed' : 'not a folder'}`;
}

/** Turns a failed file call into an error that says what happened and what to do; returns other errors unchanged. */
export function unwritable(weldDir: string, error: unknown): unknown {
  if (!isErrno(error)) return error;
  if (isErrno(error, 'ENOSPC', 'EDQUOT'))
    return new WeldError(
      'DISK_FULL',
      `There is no space left to take the run lock in ${weldDir}; free some and try again.`,
      { cause: error },
    );
  if (isErrno(error, 'ENOENT'))
    return new WeldError(
      'NOT_WRITABLE',
      `The folder ${weldDir} does not exist; run "Weld: Initialize Repository" first.`,
      { cause: error },
    );
  return new WeldError(
    'NOT_WRITABLE',
    `The run lock cannot be taken in ${weldDir} (${reason(error)}); give yourself write access to that folder ` +
      'and try again.',
    { cause: error },
  );
}
