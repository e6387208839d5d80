import * as fs from 'node:fs/promises';
import { isErrno, WeldError } from '../errors';
import type { Guests } from '../guard/types';
import { lstat } from '../lstat';
import type { RunLock } from '../lock/types';
import { isSubmodule, oid, type RawChange, rawChanges } from './diff';
import { besideFilters } from './filters';
import { decodeName, onDisk, showName } from './names';
import { dropIndex, makePrivateIndex } from './private-index';
import type { GitRunner } from './run-git';
import { isWelds } from './status';
import type { Oid } from './types';

export interface RestorePlace {
  /** Of this work tree, also a linked one. */
  readonly gitDir: string;
  readonly guests: Guests;
}

/**
 * Makes the work tree equal `to` where it differs from `from`. Refuses, before anything is changed, to overwrite a file
 * that `from` does not have: git ignores it or it was left out, so no tree could bring it back. Submodules stay as they are.
 */
export async function restoreTree(git: GitRunner, place: RestorePlace, lock: RunLock, from: Oid, to: Oid): Promise<void> {
  const changes = (await rawChanges(git, from, to)).filter((change) => !isSubmodule(change) && !isWelds(change.path));
  const deleted = changes.filter((change) => change.status === 'deleted').map((change) => change.path);
  const written = changes.filter((change) => change.status !== 'deleted');
  const gone = new Set(deleted);
  for (const change of written) await refuseLoss(git.cwd, change, gone);
  const index = await makePrivateIndex(place.gitDir, lock, 'restore');
  try {
    lock.assertHeld();
    await git.bytes(['read-tree', oid(to)], { index });
    for (const file of deleted) {
      lock.assertHeld();
      await removeInside(git.cwd, file);
    }
    lock.assertHeld();
    if (written.length === 0) return;
    const input = written.map((change) => change.path).join('\0');
    await besideFilters(git, { guests: place.guests, lock, index }, (beside) => beside.bytes(['checkout-index', '--force', '--quiet', '-z', '--stdin'], { index, input }));
  } finally {
    await dropIndex(index);
  }
}

/** @param gone files that the restore removes first, and that are therefore no loss */
async function refuseLoss(top: string, change: RawChange, gone: ReadonlySet<string>): Promise<void> {
  const parts = change.path.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const file = parts.slice(0, depth).join('/');
    const stat = await lstat(onDisk(top, file));
    if (!stat) return;
    if (gone.has(file)) return;
    const last = depth === parts.length;
    if (stat.isDirectory()) {
      if (last) await refuseFolder(top, file, gone);
    } else if (!last || change.status === 'added') throw wouldLose(file);
  }
}

async function refuseFolder(top: string, folder: string, gone: ReadonlySet<string>): Promise<void> {
  for (const name of await fs.readdir(onDisk(top, folder), { encoding: 'buffer' })) {
    const file = `${folder}/${decodeName(name)}`;
    if ((await lstat(onDisk(top, file)))?.isDirectory()) await refuseFolder(top, file, gone);
    else if (!gone.has(file)) throw wouldLose(file);
  }
}

function wouldLose(file: string): WeldError {
  return new WeldError('GIT_FAILED', `Restoring would overwrite ${showName(file)}, which git does not keep; move it away and try again.`);
}

/** Removes a file and the folders that this leaves empty; never through a symbolic link. */
async function removeInside(top: string, file: string): Promise<void> {
  const parts = file.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const stat = await lstat(onDisk(top, parts.slice(0, depth).join('/')));
    if (!stat?.isDirectory()) return;
  }
  const target = onDisk(top, file);
  if ((await lstat(target))?.isDirectory() ?? true) return;
  await fs.unlink(target);
  while (parts.pop() !== undefined && parts.length > 0) {
    try {
      await fs.rmdir(onDisk(top, parts.join('/')));
    } catch (error) {
      if (isErrno(error)) return; // not empty, or busy
      throw error;
    }
  }
}
