import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WeldPaths } from '../artifacts/paths';
import { writeError } from '../artifacts/store';
import { isErrno } from '../errors';
import type { RunLock } from '../lock/types';
import type { GitRunner } from './run-git';

/** Which content of the person's index a copy was made from; empty when there is none. */
export type IndexStamp = string;

export async function stampOf(file: string | Buffer): Promise<IndexStamp> {
  try {
    const stat = await fs.stat(file, { bigint: true });
    return `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

/** A private index of the lock's epoch: no other process, not even a predecessor's late git, has the same one. */
export function privateIndex(lock: RunLock, purpose: 'capture' | 'commit' | 'restore' | 'weld'): string {
  const folder = new WeldPaths(path.dirname(lock.weldDir)).indexes;
  return path.join(folder, `${purpose}-${lock.record.epoch ?? 0}-${process.pid}.index`);
}

/** Makes `target` a copy of the person's index, or nothing where they have none; removes what earlier epochs left. */
export async function copyIndex(lock: RunLock, from: string, target: string): Promise<void> {
  lock.assertHeld();
  try {
    await fs.mkdir(path.dirname(target), { recursive: true });
    await dropOlder(target);
    await fs.rm(target, { force: true });
    const { mtimeMs } = await fs.stat(from);
    await fs.copyFile(from, target);
    // Git takes a file that is as young as its index for possibly changed: a copy must not be younger than the original.
    const when = (mtimeMs - 1) / 1000;
    await fs.utimes(target, when, when);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw writeError(target, error);
  }
}

export async function dropIndex(index: string): Promise<void> {
  await Promise.all([index, `${index}.lock`].map((file) => fs.rm(file, { force: true })));
}

/**
 * Makes the newest index that an earlier epoch left this one's own, so that only what changed since is read again; the
 * others go. @returns false when there was none, or this epoch has its own already
 */
export async function inheritIndex(target: string): Promise<boolean> {
  try {
    await fs.mkdir(path.dirname(target), { recursive: true });
    const [purpose = ''] = path.basename(target).split('-', 1);
    const names = (await fs.readdir(path.dirname(target))).filter((name) => name.startsWith(`${purpose}-`) && name.endsWith('.index'));
    const epoch = (name: string): number => Number(name.split('-')[1]);
    const [newest] = names.sort((a, b) => epoch(b) - epoch(a));
    const inherits = newest !== undefined && !names.includes(path.basename(target));
    if (inherits) await fs.rename(path.join(path.dirname(target), newest), target);
    await dropOlder(target);
    return inherits;
  } catch (error) {
    throw writeError(target, error);
  }
}

async function dropOlder(target: string): Promise<void> {
  const purpose = path.basename(target).split('-', 1)[0] ?? '';
  const names = await fs.readdir(path.dirname(target));
  const old = names.filter((name) => name.startsWith(`${purpose}-`) && name !== path.basename(target));
  await Promise.all(old.map((name) => fs.rm(path.join(path.dirname(target), name), { force: true })));
}

/** Has a private index see what the person's git is told to overlook: only entries outside a sparse checkout stay so. */
export async function seeEverything(git: GitRunner, index: string): Promise<void> {
  const flagged = (await git.fields(['ls-files', '-v', '-z'], { index })).filter((line) => /^[a-zS] /u.test(line));
  if (flagged.length === 0) return;
  const sparse = (await git.text(['config', '--type=bool', 'core.sparseCheckout'], { accept: [0, 1] })) === 'true';
  const unassumed = flagged.filter((line) => !line.startsWith('S'));
  const unskipped = sparse ? [] : flagged.filter((line) => /^s/iu.test(line));
  for (const [option, lines] of [['--no-assume-unchanged', unassumed], ['--no-skip-worktree', unskipped]] as const)
    if (lines.length > 0) await git.bytes(['update-index', option, '-z', '--stdin'], { index, input: lines.map((line) => line.slice(2)).join('\0') });
}
