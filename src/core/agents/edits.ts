import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WeldError } from '../errors';
import { lstat } from '../lstat';
import type { Edit } from './recording';

/** Folders that no recorded edit may reach, at any depth: a nested repository's `.git` runs programs too. */
const FORBIDDEN = new Set(['.git', '.weld']);

/**
 * Applies recorded edits inside the repository.
 * All paths are judged before the first file is touched.
 * @throws WeldError `OUTSIDE_REPOSITORY` for a path that leaves the repository, enters `.git` or `.weld`, or passes a symbolic link
 */
export async function applyEdits(top: string, edits: readonly Edit[], signal: AbortSignal): Promise<void> {
  const targets: { readonly file: string; readonly content: string | null }[] = [];
  for (const edit of edits) targets.push({ file: await insideRepository(top, edit.path), content: edit.content });
  for (const [index, target] of targets.entries()) {
    signal.throwIfAborted();
    // Judged again: an earlier edit of the same recording may have changed what stands on the way.
    const file = await insideRepository(top, edits[index]?.path ?? '');
    if (target.content === null) {
      await fs.rm(file, { force: true, recursive: true });
    } else {
      await fs.mkdir(path.dirname(file), { recursive: true });
      await fs.writeFile(file, target.content);
    }
  }
}

/** @returns the absolute path that a relative one with forward slashes names */
async function insideRepository(top: string, relative: string): Promise<string> {
  const refuse = (why: string): WeldError => new WeldError('OUTSIDE_REPOSITORY', `The recording edits "${relative.slice(0, 120)}", which ${why}; nothing of that answer was applied.`);
  if (relative.includes('\0') || path.isAbsolute(relative) || path.win32.isAbsolute(relative)) throw refuse('is not a path inside the repository');
  const segments = relative.split(/[/\\]+/u).filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0 || segments.includes('..')) throw refuse('leaves the repository');
  // Case folded and without trailing dots: some file systems take `.GIT` and `.git.` for `.git`.
  if (segments.some((segment) => FORBIDDEN.has(segment.toLowerCase().replace(/[. ]+$/u, '')))) throw refuse('belongs to git or to Weld');
  let at = top;
  for (const segment of segments) {
    at = path.join(at, segment);
    const stat = await lstat(at);
    if (stat === null) continue;
    if (stat.isSymbolicLink()) throw refuse('passes through a symbolic link');
  }
  return at;
}
