import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WeldError } from '../errors';
import { lstat } from '../lstat';
import type { Edit } from './recording';

/** Folders that no recorded edit may reach, at any depth: a nested repository's `.git` runs programs too. */
const FORBIDDEN = /^(?:\.git|\.weld|git~\d+|weld~\d+)$/u;

/**
 * A name as the least particular file system takes it: without letter case, invisible letters, dots and blanks at its
 * end, and without the stream that NTFS reads behind a colon.
 */
const asTaken = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase()
    .replace(/:[^]*/u, '')
    .replace(/(?<![. ])[. ]+$/u, '');

/**
 * Applies recorded edits inside the repository.
 * All paths are judged before the first file is touched.
 * @throws WeldError `OUTSIDE_REPOSITORY` for a path that leaves the repository, enters `.git` or `.weld`, or passes a
 *   symbolic link
 */
export async function applyEdits(top: string, edits: readonly Edit[], signal: AbortSignal): Promise<void> {
  const targets: { readonly file: string; readonly content: string | null }[] = [];
  for (const edit of edits)
    targets.push({ file: await insideRepository(top, edit.path, edit.content === null), content: edit.content });
  for (const [index, target] of targets.entries()) {
    signal.throwIfAborted();
    // Judged again: an earlier edit of the same recording may have changed what stands on the way.
    const file = await insideRepository(top, edits[index]?.path ?? '', target.content === null);
    if (target.content === null) {
      await fs.rm(file, { force: true, recursive: true });
    } else {
      await fs.mkdir(path.dirname(file), { recursive: true });
      await insideRepository(top, edits[index]?.path ?? '');
      await write(file, target.content);
    }
  }
}

/** @returns the absolute path that a relative one with forward slashes names */
async function insideRepository(top: string, relative: string, deletes = false): Promise<string> {
  const refuse = (why: string): WeldError =>
    new WeldError(
      'OUTSIDE_REPOSITORY',
      `The recording edits "${relative.slice(0, 120)}", which ${why}; nothing of that answer was applied.`,
    );
  if (relative.includes('\0') || path.isAbsolute(relative) || path.win32.isAbsolute(relative))
    throw refuse('is not a path inside the repository');
  const segments = relative.split(/[/\\]+/u).filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0 || segments.includes('..')) throw refuse('leaves the repository');
  if (segments.some((segment) => FORBIDDEN.test(asTaken(segment)))) throw refuse('belongs to git or to Weld');
  let at = top;
  for (const segment of segments) {
    at = path.join(at, segment);
    const stat = await lstat(at);
    if (stat === null) continue;
    if (stat.isSymbolicLink()) throw refuse('passes through a symbolic link');
    if (!stat.isFile() && !stat.isDirectory())
      throw refuse('is no file and no folder, but a pipe, a socket or a device');
    if (stat.isFile() && stat.nlink > 1)
      throw refuse('has a second name (a hard link), which may stand outside the repository');
    if (
      deletes &&
      stat.isDirectory() &&
      (await lstat(path.join(at, '.git'))) !== null &&
      at === path.join(top, ...segments)
    )
      throw refuse('is a repository of its own');
  }
  return at;
}

/** Writes into a plain file of one name, whatever took its place since it was looked at. */
async function write(file: string, content: string): Promise<void> {
  const handle = await fs.open(
    file,
    constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    0o666,
  );
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.nlink > 1)
      throw new WeldError(
        'OUTSIDE_REPOSITORY',
        `${file} was replaced while the recording was played; nothing was written to it, try again.`,
      );
    await handle.truncate(0);
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}
