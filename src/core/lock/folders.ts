import * as fs from 'node:fs';
import { isErrno, reason, WeldError } from '../util/errors';
import { nodeFs } from './fs';
import type { LockNames } from './names';
import { refusal } from './survey';

const OR_NONE = { throwIfNoEntry: false } as const;

/**
 * Neither read nor written through a symbolic link. @returns what stands where one of the lock's folders would be;
 * null: nothing
 */
export function inTheWay(names: LockNames): string | null {
  return lookAt(names).inTheWay;
}

/**
 * The lock is never written through a symbolic link, nor into a folder that it would have to make up. @returns why it
 * is not
 */
export function realFolders(names: LockNames): WeldError | null {
  const { there, inTheWay: why } = lookAt(names);
  if (why !== null) return refusal({ kind: 'unreadable', why });
  return there
    ? null
    : new WeldError(
        'NOT_WRITABLE',
        `The folder ${names.weldDir} is not there; run "Weld: Initialize Repository" first.`,
      );
}

/**
 * Makes the `.weld` folder where it was removed with all that it held. @returns whether nothing else stands where the
 * lock's folders are
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

/** A file call of the lock has failed: what happened and what to do. */
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
      `The folder ${weldDir} is not there; run "Weld: Initialize Repository" first.`,
      { cause: error },
    );
  return new WeldError(
    'NOT_WRITABLE',
    `The run lock cannot be taken in ${weldDir} (${reason(error)}); give yourself write access to that folder ` +
      'and try again.',
    { cause: error },
  );
}
