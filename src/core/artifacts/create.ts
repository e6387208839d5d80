import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isErrno, WeldError } from '../errors';
import { outside, writeError } from './faults';
import { staysInside } from './inside';
import type { WeldPaths } from './paths';

/**
 * What may be made without the run lock, because it cannot change anything that is there:
 * a file that did not exist, and a folder that is built aside and appears whole.
 */

/** Makes `.weld` if it is missing. @throws WeldError `NOT_WRITABLE`; `OUTSIDE_REPOSITORY` when `.weld` is a link */
export async function makeWeldFolder(paths: WeldPaths): Promise<void> {
  await assertNoLink(paths);
  try {
    await fs.mkdir(paths.root, { recursive: true });
  } catch (error) {
    throw writeError(paths.root, error);
  }
}

/** @throws WeldError `OUTSIDE_REPOSITORY` when `.weld` is a symbolic link: a repository must not choose where Weld writes */
export async function assertNoLink(paths: WeldPaths): Promise<void> {
  const stat = await fs.lstat(paths.root).catch(() => null);
  if (stat?.isSymbolicLink()) throw outside(paths.root);
}

/** Makes a file with its whole content, unless something of that name is there. @returns false when it was there */
export async function createFile(paths: WeldPaths, file: string, text: string): Promise<boolean> {
  if (await fs.lstat(file).then(() => true, () => false)) return false;
  const built = await aside(paths, '.tmp');
  try {
    await fs.writeFile(built, text, { flag: 'wx', flush: true });
    try {
      await fs.link(built, file); // fails if the name exists, and never shows half a file
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      await fs.copyFile(built, file, fs.constants.COPYFILE_EXCL); // a file system without hard links
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
 * Builds a folder aside and renames it into place.
 * @param files texts by path relative to the folder
 * @returns false when something stands at `folder` already; nothing is left behind then
 */
export async function createFolder(paths: WeldPaths, folder: string, files: ReadonlyMap<string, string>): Promise<boolean> {
  const built = await aside(paths, '');
  try {
    for (const [name, text] of files) {
      const file = path.join(built, name);
      await fs.mkdir(path.dirname(file), { recursive: true });
      await fs.writeFile(file, text, { flush: true });
    }
    if (!(await staysInside(paths.root, folder))) throw outside(folder);
    await fs.mkdir(path.dirname(folder), { recursive: true });
    if (await fs.lstat(folder).then(() => true, () => false)) return false;
    await fs.rename(built, folder);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error instanceof WeldError ? error : writeError(folder, error);
  } finally {
    await fs.rm(built, { recursive: true, force: true });
  }
}

/** A suspended laptop may sleep over a weekend in the middle of a start; nobody waits for longer. In ms. */
const LEFTOVER_MS = 7 * 24 * 60 * 60 * 1000;

/** Removes what dead processes left in the staging folder, judged by age; a starter that still lived would fail cleanly. */
export async function collectLeftovers(paths: WeldPaths, now: Date): Promise<void> {
  if (!(await staysInside(paths.root, path.join(paths.staging, 'x')))) return;
  const names = await fs.readdir(paths.staging).catch(() => []);
  for (const name of names) {
    const leftover = path.join(paths.staging, name);
    const stat = await fs.lstat(leftover).catch(() => null);
    if (stat && now.getTime() - stat.mtimeMs > LEFTOVER_MS) await fs.rm(leftover, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function aside(paths: WeldPaths, suffix: string): Promise<string> {
  const built = path.join(paths.staging, `${randomUUID()}${suffix}`);
  if (!(await staysInside(paths.root, built))) throw outside(paths.staging);
  try {
    await fs.mkdir(paths.staging, { recursive: true });
  } catch (error) {
    throw writeError(paths.staging, error);
  }
  return built;
}
