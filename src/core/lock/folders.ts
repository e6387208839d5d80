import * as fs from 'node:fs';
import { isErrno, reason, WeldError } from '../errors';
import { LockNames } from './names';
import { refusal } from './state';

/** Neither read nor written through a symbolic link. @returns what stands where one of the lock's folders would be; null: nothing */
export function inTheWay(weldDir: string): string | null {
  for (const folder of [weldDir, new LockNames(weldDir).folder]) {
    const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) return `${folder}: it is ${stat.isSymbolicLink() ? 'a symbolic link, which is not followed' : 'not a folder'}`;
  }
  return null;
}

/** The lock is never written through a symbolic link, nor into a folder that it would have to make up. @returns why it is not */
export function realFolders(weldDir: string): WeldError | null {
  const why = inTheWay(weldDir);
  if (why !== null) return refusal({ kind: 'unreadable', why });
  return fs.existsSync(weldDir) ? null : new WeldError('NOT_WRITABLE', `The folder ${weldDir} is not there; run "Weld: Initialize" first.`);
}

/** A file call of the lock has failed: what happened and what to do. */
export function unwritable(weldDir: string, error: unknown): unknown {
  if (!isErrno(error)) return error;
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) return new WeldError('DISK_FULL', `There is no space left to take the run lock in ${weldDir}; free some and try again.`, { cause: error });
  if (isErrno(error, 'ENOENT')) return new WeldError('NOT_WRITABLE', `The folder ${weldDir} is not there; run "Weld: Initialize" first.`, { cause: error });
  return new WeldError('NOT_WRITABLE', `The run lock cannot be taken in ${weldDir} (${reason(error)}); give yourself write access to that folder and try again.`, { cause: error });
}
