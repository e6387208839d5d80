import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type { GitRunner } from './run-git';
import { sameEntry } from './tree-entries';
import type { Oid, TreeEntry } from './types';

/** Content beyond this is not merged line by line, in bytes. */
const MERGED_AT_MOST = 16 * 1024 * 1024;
const REGULAR = new Set(['100644', '100755']);
/** Exit codes of `git merge-file`: the number of conflicts, 255 for what it cannot read as lines. */
const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);

export interface Merged {
  readonly entry: TreeEntry | null;
  /** False where both sides changed the same: then theirs stands. */
  readonly clean: boolean;
}

/**
 * Merges one path three ways from git's objects, without drivers, filters or rename detection.
 * Where both sides changed the same lines, theirs wins and the result is not clean.
 */
export async function mergeEntry(
  git: GitRunner,
  base: TreeEntry | null,
  ours: TreeEntry | null,
  theirs: TreeEntry | null,
): Promise<Merged> {
  if (sameEntry(ours, base) || sameEntry(ours, theirs)) return { entry: theirs, clean: true };
  if (sameEntry(theirs, base)) return { entry: ours, clean: true };
  const conflict = { entry: theirs, clean: false };
  if (!ours || !theirs || !REGULAR.has(ours.mode) || !REGULAR.has(theirs.mode)) return conflict;
  if (base !== null && !REGULAR.has(base.mode)) return conflict;
  const mode = base !== null && theirs.mode === base.mode ? ours.mode : theirs.mode;
  const modesAgree = ours.mode === theirs.mode || ours.mode === base?.mode || theirs.mode === base?.mode;
  if (ours.oid === theirs.oid || ours.oid === base?.oid) return { entry: { mode, oid: theirs.oid }, clean: modesAgree };
  if (theirs.oid === base?.oid) return { entry: { mode, oid: ours.oid }, clean: modesAgree };
  if (base === null) return conflict;
  const content = await mergeContent(git, base.oid, ours.oid, theirs.oid);
  return content === null ? conflict : { entry: { mode, oid: content.oid }, clean: content.clean && modesAgree };
}

/** @returns null for what is no text, or too large */
async function mergeContent(
  git: GitRunner,
  base: Oid,
  ours: Oid,
  theirs: Oid,
): Promise<{ readonly oid: Oid; readonly clean: boolean } | null> {
  for (const id of [base, ours, theirs])
    if (Number(await git.text(['cat-file', '-s', id])) > MERGED_AT_MOST) return null;
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'weld-merge-'));
  try {
    const files = {
      ours: path.join(folder, 'ours'),
      base: path.join(folder, 'base'),
      theirs: path.join(folder, 'theirs'),
    };
    await Promise.all(
      [
        [files.ours, ours],
        [files.base, base],
        [files.theirs, theirs],
      ].map(async ([file = '', id = '']) => fs.writeFile(file, await git.bytes(['cat-file', 'blob', id]))),
    );
    const merge = (...how: string[]): ReturnType<GitRunner['result']> =>
      git.result(['merge-file', '--stdout', '--quiet', ...how, files.ours, files.base, files.theirs], {
        accept: ANY_CODE,
      });
    const plain = await merge();
    if (plain.exitCode >= 128) return null;
    const result = plain.exitCode === 0 ? plain : await merge('--theirs');
    if (result.exitCode !== 0) return null;
    return {
      oid: await git.text(['hash-object', '-w', '--stdin'], { input: result.stdout }),
      clean: plain.exitCode === 0,
    };
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
