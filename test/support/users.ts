import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Ran, type RunOptions, run } from './run';

/** Gives a folder and everything in it to another user. */
export function own(folder: string, uid: number): void {
  fs.lchownSync(folder, uid, uid);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) own(file, uid);
    else fs.lchownSync(file, uid, uid);
  }
}

/** Runs a node program as another user; needs root. @param uid left out: this process's own */
export function runAs(uid: number | undefined, words: readonly string[], options: RunOptions): Promise<Ran> {
  if (uid === undefined) return run(process.execPath, words, options);
  return run(
    'setpriv',
    ['--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--', process.execPath, ...words],
    options,
  );
}
