import * as fs from 'node:fs';
import { WeldError } from '../errors';
import { LockNames } from './names';

/** The lock is never written through a symbolic link, nor into a folder that it would have to make up. @returns what stands in the way */
export function realFolders(weldDir: string): WeldError | null {
  const weld = fs.lstatSync(weldDir, { throwIfNoEntry: false });
  if (!weld) return new WeldError('NOT_WRITABLE', `The folder ${weldDir} is not there; run "Weld: Initialize" first.`);
  const { folder } = new LockNames(weldDir);
  const lock = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (!weld.isDirectory()) return inTheWay(weldDir, weld);
  return lock && !lock.isDirectory() ? inTheWay(folder, lock) : null;
}

function inTheWay(file: string, stat: fs.Stats): WeldError {
  const what = stat.isSymbolicLink() ? 'a symbolic link, which is not followed' : 'not a folder';
  return new WeldError('LOCK_UNREADABLE', `The run lock cannot be read: ${file} is ${what}; move it away and try again.`);
}
