import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WeldError } from '../errors';
import { readCapped } from './readCapped';
import type { GitRunner } from './run-git';

/** What git is in the midst of, so that a commit may have other parents, another author or another place than usual. */
export type Underway = 'merge' | 'cherry-pick' | 'revert' | 'rebase' | 'am' | 'bisect';

/** Files, or refs where git keeps those otherwise. */
const REFS = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD'] as const;

/** No list of commits of such a file is longer. In bytes. */
const MOST = 4 * 1024 * 1024;
const textOf = async (file: string): Promise<string> => (await readCapped(file, MOST))?.toString('utf8') ?? '';

/** @param gitDir of this work tree, also a linked one */
export async function underway(git: GitRunner, gitDir: string): Promise<Underway | null> {
  const has = (name: string): Promise<boolean> =>
    fs.stat(path.join(gitDir, name)).then(
      () => true,
      () => false,
    );
  const lines = (await git.text(['cat-file', '--batch-check=%(objectname)'], { input: `${REFS.join('\n')}\n` })).split(
    '\n',
  );
  const refs = new Set(REFS.filter((_, i) => /^[0-9a-f]{40,64}$/u.test(lines[i] ?? '')));
  if ((await has('MERGE_HEAD')) || refs.has('MERGE_HEAD')) return 'merge';
  if (await has('rebase-merge')) return 'rebase';
  if (await has('rebase-apply')) return (await has('rebase-apply/applying')) ? 'am' : 'rebase';
  if (refs.has('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (refs.has('REVERT_HEAD')) return 'revert';
  if (await has('sequencer'))
    return /^revert\b/u.test(await textOf(path.join(gitDir, 'sequencer', 'todo'))) ? 'revert' : 'cherry-pick';
  return (await has('BISECT_LOG')) ? 'bisect' : null;
}

/**
 * Git takes no part of the changes while it is in the midst of something: the rest would be missing from its result.
 * @throws WeldError `GIT_FAILED`
 */
export function refusePart(what: Underway | null): void {
  if (what === null || what === 'bisect') return;
  const how =
    what === 'merge' || what === 'revert' || what === 'cherry-pick'
      ? `commit what is staged to conclude it, or take it back with "git ${what} --abort"`
      : `finish it with "git ${what} --continue", or take it back with "git ${what} --abort"`;
  throw new WeldError(
    'GIT_FAILED',
    `${what === 'am' ? 'An' : 'A'} ${what} is going on, and a commit of only a part would lose the rest of it; ` +
      `${how}, then commit again.`,
  );
}

/** The commits whose side a commit takes in beside HEAD. */
export async function otherSides(git: GitRunner, gitDir: string): Promise<string[]> {
  const merged = (await textOf(path.join(gitDir, 'MERGE_HEAD'))).split('\n');
  const picked = await Promise.all(
    ['CHERRY_PICK_HEAD'].map((name) => git.text(['rev-parse', '--verify', '--quiet', name], { accept: [0, 1] })),
  );
  return [...merged, ...picked].map((line) => line.trim()).filter((line) => /^[0-9a-f]{40,64}$/u.test(line));
}
