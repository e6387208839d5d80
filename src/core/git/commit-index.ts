import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno, WeldError } from '../errors';
import type { RunLock } from '../lock/types';
import { rawChanges } from './diff';
import { gitLocked } from './failures';
import { copyIndex } from './private-index';
import type { GitRunner } from './run-git';
import { isWelds, readStatus } from './status';
import type { CommitRequest, LeftOut, Oid } from './types';
import { bringIn, intakeOf } from './worktree';

/** Builds, in a private index, exactly what is to be committed; the person's own index is only read. @returns what stays out of `all` */
export async function prepareIndex(git: GitRunner, lock: RunLock, gitDir: string, index: string, head: Oid | null, request: CommitRequest): Promise<readonly LeftOut[]> {
  const { what, signal } = request;
  if (await exists(path.join(gitDir, 'index.lock'))) throw gitLocked(path.join(gitDir, 'index.lock'));
  await copyIndex(lock, path.join(gitDir, 'index'), index);
  if ((await git.bytes(['ls-files', '--unmerged', '-z'], { index })).length > 0)
    throw new WeldError('GIT_FAILED', 'Some files still have merge conflicts; resolve and stage them, then commit again.');
  if (what === 'staged') {
    await likeHead(git, index, head, await weldsStaged(git, index, head));
    return [];
  }
  if (what === 'all') {
    const intake = await intakeOf(git.cwd, await readStatus(git, { index, signal }), { include: new Set(), ours: new Set() });
    const refused = await bringIn(git, index, intake, signal);
    await likeHead(git, index, head, await weldsStaged(git, index, head));
    return [...intake.leftOut, ...refused];
  }
  const chosen = what.map(normal).filter((file) => !isWelds(file));
  await likeHead(git, index, head, await stagedPaths(git, index, head));
  if (chosen.length === 0) return [];
  const added = await git.result(['add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'], { index, input: chosen.join('\0'), signal, accept: [0, 1, 128] });
  const said = Buffer.from(added.stderr).toString('utf8');
  if (added.exitCode !== 0) throw new WeldError('INVALID_ARGUMENT', `The chosen files cannot be committed: ${said.split('\n').find((line) => line.trim() !== '')?.replace(/^(fatal|error): /, '') ?? 'git gave no reason'}`);
  await likeHead(git, index, head, await weldsStaged(git, index, head));
  return [];
}

/** After a commit: gives the person's index the committed entries, and leaves everything else in it alone. */
export async function adoptCommit(git: GitRunner, before: Oid, after: Oid): Promise<void> {
  const changes = await rawChanges(git, before, after);
  if (changes.length === 0) return;
  const input = changes.map((change) => `${change.status === 'deleted' ? '0' : change.newMode} ${change.newOid}\t${change.path}`).join('\0');
  for (let tries = 0; ; tries++) {
    try {
      await git.bytes(['update-index', '-z', '--index-info'], { input: `${input}\0` });
      return;
    } catch (error) {
      // The commit exists by now: an index that stays behind is no reason to report a failure.
      if (!(error instanceof WeldError) || error.code !== 'GIT_LOCKED' || tries > 50) return;
      await sleep(100);
    }
  }
}

/** Paths in which the index differs from HEAD. */
async function stagedPaths(git: GitRunner, index: string, head: Oid | null): Promise<string[]> {
  if (head === null) return git.fields(['ls-files', '-z', '--cached'], { index });
  return git.fields(['diff-index', '--cached', '--name-only', '--no-renames', '--ignore-submodules=none', '-z', head, '--'], { index });
}

async function weldsStaged(git: GitRunner, index: string, head: Oid | null): Promise<string[]> {
  return (await stagedPaths(git, index, head)).filter(isWelds);
}

/** Gives entries of a private index back what HEAD has for them. */
async function likeHead(git: GitRunner, index: string, head: Oid | null, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const wanted = new Set(paths);
  const entries = head === null ? [] : (await git.fields(['ls-tree', '-r', '-z', '--full-tree', head])).filter((entry) => wanted.has(entry.slice(entry.indexOf('\t') + 1)));
  await git.bytes(['update-index', '--force-remove', '-z', '--stdin'], { index, input: paths.join('\0') });
  if (entries.length > 0) await git.bytes(['update-index', '-z', '--index-info'], { index, input: `${entries.join('\0')}\0` });
}

function normal(file: string): string {
  const clean = path.posix.normalize(file.split(path.sep).join('/')).replace(/\/$/, '');
  if (clean.startsWith('../') || clean === '..' || path.isAbsolute(file)) throw new WeldError('OUTSIDE_REPOSITORY', `${file} is not in this repository; choose files inside it.`);
  return clean;
}

async function exists(file: string): Promise<boolean> {
  try {
    await fs.lstat(file);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
