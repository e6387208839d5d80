import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isErrno } from '../util/errors';
import { isPresent, lstat } from '../util/files';
import { outside, writeError } from './inside';
import type { WeldPaths } from './paths';
import { type HeldFolder, holdFolder, makeFolder } from './plain';

/**
 * Creates what needs no run lock, because it cannot change anything that exists:
 * a new file, or a folder that is built elsewhere and renamed into place.
 */

/**
 * Creates `.weld` if it is missing.
 * @throws WeldError `NOT_WRITABLE`; `OUTSIDE_REPOSITORY` when `.weld` is a link
 */
export async function makeWeldFolder(paths: WeldPaths): Promise<void> {
  await Promise.resolve(); // so that errors reject the promise instead of being thrown at once
  makeFolder(paths.root, paths.root)[Symbol.dispose]();
}

/**
 * @throws WeldError `OUTSIDE_REPOSITORY` when `.weld` is a symbolic link: a repository must not choose where Weld
 * writes
 */
export async function assertNoLink(paths: WeldPaths): Promise<void> {
  const stat = await lstat(paths.root).catch((error: unknown) => {
    throw writeError(paths.root, error);
  });
  if (stat?.isSymbolicLink()) throw outside(paths.root);
}

/** Creates a file with its whole content, unless something has that name already. @returns false if something has */
export async function createFile(paths: WeldPaths, file: string, text: string): Promise<boolean> {
  using folder = makeFolder(paths.root, path.dirname(file));
  const target = folder.at(path.basename(file));
  if (await isPresent(target)) return false;
  using staging = makeFolder(paths.root, paths.staging);
  const built = staging.at(`${randomUUID()}.tmp`);
  try {
    await fs.writeFile(built, text, { flag: 'wx', flush: true });
    try {
      await fs.link(built, target); // fails if the name exists, and never shows half a file
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      await fs.copyFile(built, target, fs.constants.COPYFILE_EXCL); // a file system without hard links
    }
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw writeError(file, error);
  } finally {
    await fs.rm(built, { force: true });
  }
}

/**
 * Builds a folder in the staging folder and renames it into place.
 * @param files texts by path relative to the folder
 * @returns false if something exists at `folder` already; nothing is left behind then
 */
export async function createFolder(
  paths: WeldPaths,
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<boolean> {
  using staging = makeFolder(paths.root, paths.staging);
  const built = staging.at(randomUUID());
  try {
    for (const [name, text] of files) {
      const file = path.join(built, name);
      await fs.mkdir(path.dirname(file), { recursive: true });
      await fs.writeFile(file, text, { flush: true });
    }
    using parent = makeFolder(paths.root, path.dirname(folder));
    const target = parent.at(path.basename(folder));
    if (await isPresent(target)) return false;
    await fs.rename(built, target);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw writeError(folder, error);
  } finally {
    await fs.rm(built, { recursive: true, force: true });
  }
}

/** Minimum age in ms of an abandoned file: a laptop may be suspended over a weekend while it creates a run. */
const LEFTOVER_MS = 7 * 24 * 60 * 60 * 1000;

/** The names that this module gives; anything else in the staging folder is not ours. */
const STAGED = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?:\.tmp)?$/u;

/**
 * Removes what dead processes left in the staging folder, judging by name and age. A process that still builds there
 * would fail cleanly.
 */
export async function collectLeftovers(paths: WeldPaths, now: Date): Promise<void> {
  using staging = find(paths.root, paths.staging);
  if (!staging) return;
  const names = await fs.readdir(staging.at('.')).catch(() => []);
  for (const name of names.filter((each) => STAGED.test(each))) {
    const leftover = staging.at(name);
    const stat = await fs.lstat(leftover).catch(() => null);
    if (stat && now.getTime() - stat.mtimeMs > LEFTOVER_MS)
      await fs.rm(leftover, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** @returns null also if a link leads elsewhere: what is behind it is not ours to remove */
function find(root: string, folder: string): HeldFolder | null {
  try {
    return holdFolder(root, folder, false);
  } catch {
    return null;
  }
}
