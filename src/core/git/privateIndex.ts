import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { writeError } from '../artifacts/store';
import type { RunLock } from '../lock/runLock';
import { isErrno, WeldError } from '../util/errors';
import { commonDir, GitRunner } from './runGit';

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

export type IndexPurpose = 'capture' | 'commit' | 'restore';

/** Each index has a folder of its own, because git replaces it through a file beside it: `<purpose>-<epoch>-<pid>`. */
const INDEX_FOLDER = /^(?:capture|commit|restore)-\d+-\d+$/u;
/** All that ever stands in such a folder. */
const INDEX_FILES = ['index', 'index.lock', 'index.trace'] as const;

/**
 * A private index of the lock's epoch: no other process, not even a predecessor's late git, has the same one. It stands
 * beside git's own files, where a guest that may not write below `.weld` can still be given it.
 */
export function privateIndexPath(gitDir: string, lock: RunLock, purpose: IndexPurpose): string {
  return path.join(weldFolder(gitDir), `${purpose}-${lock.record.epoch ?? 0}-${process.pid}`, 'index');
}

/** Weld's own folder in a git folder. */
export const weldFolder = (gitDir: string): string => path.join(gitDir, 'weld');

/**
 * Makes the folder of a private index; for a commit and a restore it is empty then.
 * @throws WeldError `OUTSIDE_REPOSITORY` when a link stands on the way; `NOT_WRITABLE`, `DISK_FULL`
 */
export async function makePrivateIndex(gitDir: string, lock: RunLock, purpose: IndexPurpose): Promise<string> {
  lock.assertHeld();
  const index = privateIndexPath(gitDir, lock, purpose);
  if (purpose === 'commit' || purpose === 'restore') await clearIndexFolder(index);
  await makeOwnFolder(weldFolder(gitDir));
  await makeOwnFolder(path.dirname(index));
  return index;
}

async function makeOwnFolder(folder: string): Promise<void> {
  try {
    await fs.mkdir(folder);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw writeError(folder, error);
    if (!(await fs.lstat(folder)).isDirectory())
      throw new WeldError(
        'OUTSIDE_REPOSITORY',
        `${folder} is a link or a file, and Weld writes only into a folder of its own; remove it and try again.`,
      );
  }
}

/** Makes `target` a copy of the person's index, or nothing where they have none; removes what earlier epochs left. */
export async function copyIndex(lock: RunLock, from: string, target: string): Promise<void> {
  lock.assertHeld();
  try {
    await removeOlderIndexes(target);
    await fs.rm(target, { force: true });
    const { mtimeMs } = await fs.stat(from);
    await fs.copyFile(from, target);
    // Git takes a file that is as young as its index for possibly changed: a copy must not be younger than the
    // original.
    const when = (mtimeMs - 1) / 1000;
    await fs.utimes(target, when, when);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw writeError(target, error);
  }
}

/** Removes a private index with its folder, and nothing but the files that such a folder has. */
export async function removeIndex(index: string): Promise<void> {
  await clearIndexFolder(index);
  await fs.rmdir(path.dirname(index)).catch(() => undefined);
}

/** Removes a private index; its folder stays, for another. */
export async function clearIndexFolder(index: string): Promise<void> {
  const folder = path.dirname(index);
  // Never through a link.
  for (const place of [path.dirname(folder), folder])
    if (!(await fs.lstat(place).catch(() => null))?.isDirectory()) return;
  await Promise.all(INDEX_FILES.map((name) => fs.rm(path.join(folder, name), { force: true })));
}

/** Removes the indexes that earlier epochs left for the same purpose. */
export async function removeOlderIndexes(target: string): Promise<void> {
  await Promise.all((await olderIndexes(target)).map((folder) => removeIndex(path.join(folder, 'index'))));
}

/** The folders that earlier epochs left for the same purpose. */
async function olderIndexes(target: string): Promise<string[]> {
  const own = path.dirname(target);
  const purpose = path.basename(own).split('-', 1)[0] ?? '';
  const entries = await fs.readdir(path.dirname(own), { withFileTypes: true });
  const left = entries.filter(
    (entry) => entry.isDirectory() && INDEX_FOLDER.test(entry.name) && entry.name.startsWith(`${purpose}-`),
  );
  return left.filter(({ name }) => name !== path.basename(own)).map(({ name }) => path.join(path.dirname(own), name));
}

/**
 * Has a private index see what the person's git is told to overlook: only entries outside a sparse checkout stay so.
 */
export async function clearIndexFlags(git: GitRunner, index: string, entries: readonly IndexEntry[]): Promise<void> {
  const flagged = entries.filter(({ flag }) => /^[a-zS]$/u.test(flag));
  if (flagged.length === 0) return;
  const sparse = (await git.text(['config', '--type=bool', 'core.sparseCheckout'], { accept: [0, 1] })) === 'true';
  const unassumed = flagged.filter(({ flag }) => flag !== 'S');
  const unskipped = sparse ? [] : flagged.filter(({ flag }) => /^s$/iu.test(flag));
  for (const [option, of] of [
    ['--no-assume-unchanged', unassumed],
    ['--no-skip-worktree', unskipped],
  ] as const)
    if (of.length > 0)
      await git.bytes(['update-index', option, '-z', '--stdin'], {
        index,
        input: of.map(({ path: file }) => file).join('\0'),
      });
}

/** One entry of an index. A path in conflict has several. */
export interface IndexEntry {
  /** Relative to the top, forward slashes. */
  readonly path: string;
  readonly mode: string;
  /** As `ls-files -v` tells it: small where git is told to overlook changes, `S` where the file is not to be there. */
  readonly flag: string;
}

/** All that an index has, by one start of git. */
export async function indexEntries(git: GitRunner, index: string): Promise<IndexEntry[]> {
  return (await git.fields(['ls-files', '-v', '--stage', '-z'], { index })).map((line) => {
    const tab = line.indexOf('\t');
    return { path: line.slice(tab + 1), flag: line.slice(0, 1), mode: line.slice(2, line.indexOf(' ', 2)) };
  });
}

/**
 * Runs `work` with git in an empty bare repository that has the objects of this one and nothing else of it: neither
 * attributes of the work tree or of `info`, nor configuration, can say how an object is shown.
 * @param gitDir of the repository @param oid any of its objects, for the kind of its ids
 */
export async function withBareView<T>(
  git: GitRunner,
  gitDir: string,
  oid: string,
  work: (view: GitRunner) => Promise<T>,
): Promise<T> {
  const objects = path.join(await commonDir(gitDir), 'objects');
  const view = await fs.mkdtemp(path.join(os.tmpdir(), 'weld-view-'));
  try {
    const sha256 = oid.length === 64;
    await Promise.all([
      fs.mkdir(path.join(view, 'refs')),
      fs.writeFile(path.join(view, 'HEAD'), 'ref: refs/heads/none\n'),
      fs.writeFile(
        path.join(view, 'config'),
        `[core]\n\tbare = true\n\trepositoryformatversion = ` +
          `${sha256 ? '1\n[extensions]\n\tobjectFormat = sha256' : '0'}\n`,
      ),
    ]);
    return await work(
      new GitRunner(view, git.programs, [...NO_ATTRIBUTES, `--git-dir=${view}`], undefined, {
        GIT_OBJECT_DIRECTORY: objects,
        GIT_ATTR_NOSYSTEM: '1',
      }),
    );
  } finally {
    await fs.rm(view, { recursive: true, force: true });
  }
}

/** A person's own rules stay out too, and no file that can be read at all is too large to be text. */
const NO_ATTRIBUTES = ['-c', 'core.attributesFile=/dev/null', '-c', 'core.bigFileThreshold=512m'] as const;
