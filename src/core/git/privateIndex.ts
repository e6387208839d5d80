import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { writeError } from '../artifacts/store';
import type { RunLock } from '../lock/runLock';
import { isErrno, WeldError } from '../util/errors';
import { commonDir, GitRunner } from './runGit';

/** Identifies the content of the person's index that a copy was made from; empty if they have none. */
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
/** All files that such a folder can contain. */
const INDEX_FILES = ['index', 'index.lock', 'index.trace'] as const;

/**
 * A private index of the lock's epoch: no other process has the same one, not even a git process left by an earlier
 * holder. It is in the git folder, because guests cannot write below `.weld`.
 */
export function privateIndexPath(gitDir: string, lock: RunLock, purpose: IndexPurpose): string {
  return path.join(weldFolder(gitDir), `${purpose}-${lock.record.epoch ?? 0}-${process.pid}`, 'index');
}

/** Weld's own folder in a git folder. */
export const weldFolder = (gitDir: string): string => path.join(gitDir, 'weld');

/**
 * Creates the folder of a private index, and empties it for a commit or a restore.
 * @throws WeldError `OUTSIDE_REPOSITORY` if a folder on the way is a link; `NOT_WRITABLE`, `DISK_FULL`
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

/** Copies the person's index to `target`, if they have one; removes the indexes that earlier epochs left. */
export async function copyIndex(lock: RunLock, from: string, target: string): Promise<void> {
  lock.assertHeld();
  try {
    await removeOlderIndexes(target);
    await fs.rm(target, { force: true });
    const { mtimeMs } = await fs.stat(from);
    await fs.copyFile(from, target);
    // Git checks files that are as young as the index for changes, so the copy must not be younger than the original.
    const when = (mtimeMs - 1) / 1000;
    await fs.utimes(target, when, when);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw writeError(target, error);
  }
}

/** Removes a private index and its folder, but no other files in it. */
export async function removeIndex(index: string): Promise<void> {
  await clearIndexFolder(index);
  await fs.rmdir(path.dirname(index)).catch(() => undefined);
}

/** Removes a private index; keeps its folder for the next one. */
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
 * Clears the flags that make git overlook files, in a private index. Entries outside of a sparse checkout keep theirs.
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
  /** From `ls-files -v`: lower case if git overlooks changes (assume-unchanged), `S` for skip-worktree. */
  readonly flag: string;
}

/** All entries of an index, read by one git process. */
export async function indexEntries(git: GitRunner, index: string): Promise<IndexEntry[]> {
  return (await git.fields(['ls-files', '-v', '--stage', '-z'], { index })).map((line) => {
    const tab = line.indexOf('\t');
    return { path: line.slice(tab + 1), flag: line.slice(0, 1), mode: line.slice(2, line.indexOf(' ', 2)) };
  });
}

/**
 * Runs `work` with git in an empty bare repository that shares only the objects of this one, so that neither attributes
 * nor configuration affect how an object is shown.
 * @param gitDir of the repository @param oid any of its objects; tells SHA-1 from SHA-256
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

/** Ignores the person's own attributes; raises the size above which git treats files as binary. */
const NO_ATTRIBUTES = ['-c', 'core.attributesFile=/dev/null', '-c', 'core.bigFileThreshold=512m'] as const;
