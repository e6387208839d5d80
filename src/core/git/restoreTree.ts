import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { ignoresCase, isWeldPath } from '../artifacts/inside';
import type { RunLock } from '../lock/runLock';
import type { Guests } from '../process/ports';
import { WeldError } from '../util/errors';
import { lstat } from '../util/files';
import { isSubmodule, type RawChange, rawChanges } from './diff';
import type { Filters } from './filters';
import type { Oid } from './git';
import { decodeName, onDisk, showName } from './names';
import { oid } from './oid';
import { clearIndexFolder, makePrivateIndex, removeIndex } from './privateIndex';
import { assertChangeable, changedMeanwhile, inParentFolder, replaceFiles, statKey } from './replaceFiles';
import { type GitOptions, type GitRunner, splitNul } from './runGit';

export interface RestorePlace {
  /** Of this work tree, also a linked one. */
  readonly gitDir: string;
  readonly guests: Guests;
  readonly filters: Filters;
}

/**
 * Makes the work tree equal `to` where it differs from `from`. Before any change, refuses to overwrite a file that is
 * not in `from`: it is ignored or was left out, so no tree could restore it. Submodules stay as they are. A failure on
 * the way undoes everything. A file saved meanwhile is kept: files are moved aside and compared, never overwritten.
 * @throws WeldError `NOT_WRITABLE` (nothing was restored), `GIT_FAILED`
 */
export async function restoreTree(
  git: GitRunner,
  place: RestorePlace,
  lock: RunLock,
  from: Oid,
  to: Oid,
): Promise<void> {
  const ignoreCase = ignoresCase(git.cwd);
  const changes = (await rawChanges(git, from, to)).filter(
    (change) => !isSubmodule(change) && !isWeldPath(change.path, ignoreCase),
  );
  if (changes.length === 0) return;
  const written = changes.filter((change) => change.status !== 'deleted').map((change) => change.path);
  const same = await nameFolding(git);
  const gone = new Set(changes.filter((change) => change.status === 'deleted').map((change) => same(change.path)));
  for (const change of changes) {
    if (change.status !== 'deleted') await refuseLoss(git.cwd, change, (file) => gone.has(same(file)));
    await assertChangeable(git.cwd, change.path);
  }
  const index = await makePrivateIndex(place.gitDir, lock, 'restore');
  const hold = await fs.mkdtemp(path.join(place.gitDir, 'weld', 'restoring-'));
  try {
    await place.filters.run({ guests: place.guests, lock, index }, async (beside) => {
      await git.bytes(['read-tree', oid(to)], { index });
      if (written.length > 0)
        await beside.bytes(['checkout-index', '--quiet', `--prefix=${hold}/new/`, '-z', '--stdin'], {
          index,
          input: written.join('\0'),
        });
      await clearIndexFolder(index);
      const keys = await statKeysBefore(beside, changes, index);
      lock.assertHeld();
      await replaceFiles(git.cwd, changes, hold, keys);
    });
  } finally {
    await Promise.all([removeIndex(index), fs.rm(hold, { recursive: true, force: true })]);
  }
}

/** Returns a function that makes names equal if this disk treats them as equal. */
async function nameFolding(git: GitRunner): Promise<(name: string) => string> {
  const ignores = (await git.text(['config', '--type=bool', 'core.ignoreCase'], { accept: [0, 1] })) === 'true';
  return ignores ? (name) => name.normalize('NFC').toLowerCase() : (name) => name;
}

/**
 * Stat keys of the files to replace. @param index an empty one
 * @throws WeldError if a file differs from the tree: it was saved since
 */
async function statKeysBefore(
  git: GitRunner,
  changes: readonly RawChange[],
  index: string,
): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  const entries: string[] = [];
  for (const { path: file, oldMode, oldOid, status } of changes) {
    const key = status === 'added' ? null : await inParentFolder(git.cwd, file, false, statKey);
    if (key === null) continue;
    keys.set(file, key);
    entries.push(`${oldMode} ${oldOid}\t${file}\0`);
  }
  if (entries.length === 0) return keys;
  await git.bytes(['update-index', '-z', '--index-info'], { index, input: entries.join('') });
  const { exitCode } = await git.result(['update-index', '--refresh'], { index, accept: [0, 1] });
  if (exitCode === 0) return keys;
  const [saved] = await git.fields(['diff-files', '--name-only', '-z', '--ignore-submodules=all'], { index });
  if (saved !== undefined) throw changedMeanwhile(saved);
  return keys;
}

/** @param gone tells files that the restore removes anyway, so they are no loss */
async function refuseLoss(top: string, change: RawChange, gone: (file: string) => boolean): Promise<void> {
  const parts = change.path.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const file = parts.slice(0, depth).join('/');
    const stat = await lstat(onDisk(top, file));
    if (!stat) return;
    if (gone(file)) return;
    const last = depth === parts.length;
    if (stat.isDirectory()) {
      if (last) await refuseFolder(top, file, gone);
    } else if (!last || change.status === 'added') throw wouldLose(file);
  }
}

async function refuseFolder(top: string, folder: string, gone: (file: string) => boolean): Promise<void> {
  for (const name of await fs.readdir(onDisk(top, folder), { encoding: 'buffer' })) {
    const file = `${folder}/${decodeName(name)}`;
    if ((await lstat(onDisk(top, file)))?.isDirectory()) await refuseFolder(top, file, gone);
    else if (!gone(file)) throw wouldLose(file);
  }
}

function wouldLose(file: string): WeldError {
  return new WeldError(
    'GIT_FAILED',
    `Restoring would overwrite ${showName(file)}, which git does not keep; move it away and try again.`,
  );
}

/** A file whose name on disk differs from the tracked name only in case. */
export interface CaseRename {
  readonly from: string;
  readonly to: string;
}

/**
 * Files whose names changed only in case, on a disk that ignores case: there git finds the tracked file under either
 * name and sees no change.
 * @param status read with `core.ignoreCase=false`, where the name on disk is untracked
 */
export async function findCaseRenames(
  git: GitRunner,
  status: readonly { readonly path: string; readonly unstaged: string }[],
  options: GitOptions,
): Promise<CaseRename[]> {
  const untracked = status.filter(({ unstaged, path }) => unstaged === '?' && !path.endsWith('/'));
  if (untracked.length === 0) return [];
  const { index, signal } = options;
  const tracked = splitNul(await git.bytes(['ls-files', '-z'], { signal, ...(index !== undefined && { index }) }));
  const byFold = new Map(tracked.map((path) => [fold(path), path]));
  return untracked.flatMap(({ path: to }) => {
    const from = byFold.get(fold(to));
    return from === undefined || from === to ? [] : [{ from, to }];
  });
}

const fold = (path: string): string => path.normalize('NFC').toLowerCase();
