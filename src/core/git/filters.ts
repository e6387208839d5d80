import type { RunLock } from '../lock/types';
import type { GitRunner } from './run-git';

/**
 * Git for reading and writing work-tree files: supervised where filters are configured (git-lfs and the like), because
 * git starts those as programs, which nobody would end after this process had been killed.
 */
export async function besideFilters(git: GitRunner, lock: RunLock): Promise<GitRunner> {
  const configured = await git.bytes(['config', '--name-only', '--get-regexp', String.raw`^filter\..*\.(clean|smudge|process)$`], { accept: [0, 1] });
  return configured.length > 0 ? git.under(lock) : git;
}
