import { WeldError } from '../errors';
import { rawChanges } from './diff';
import { showName } from './names';
import { AnswerTooLarge, type GitRunner } from './run-git';
import type { Oid } from './types';

/**
 * Asks git for the difference of two trees. @throws WeldError `GIT_FAILED` that names the largest changed file, where
 * the answer is too large
 */
export async function namingTheLargest<T>(git: GitRunner, from: Oid, to: Oid, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AnswerTooLarge)) throw error;
    const largest = await largestChange(git, from, to);
    if (!largest) throw error;
    const size = `${Math.max(1, Math.round(largest.bytes / 1024 / 1024))} MB`;
    throw new WeldError(
      'GIT_FAILED',
      `The changes are too large to be shown, most of all ${showName(largest.path)} (${size}); remove that file ` +
        'or have git ignore it, then try again.',
      { cause: error },
    );
  }
}

async function largestChange(
  git: GitRunner,
  from: Oid,
  to: Oid,
): Promise<{ readonly path: string; readonly bytes: number } | null> {
  const changes = await rawChanges(git, from, to);
  const ids = [...new Set(changes.flatMap(({ oldOid, newOid }) => [oldOid, newOid]))].filter((id) => !/^0+$/u.test(id));
  const lines = (
    await git.text(['cat-file', '--batch-check=%(objectname) %(objectsize)'], { input: `${ids.join('\n')}\n` })
  ).split('\n');
  const sizes = new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1]) || 0]));
  const all = changes.map(({ path, oldOid, newOid }) => ({
    path,
    bytes: (sizes.get(oldOid) ?? 0) + (sizes.get(newOid) ?? 0),
  }));
  return all.sort((a, b) => b.bytes - a.bytes)[0] ?? null;
}
