import * as os from 'node:os';
import * as path from 'node:path';
import type { RunLock } from '../lock/types';
import { stampOf } from './private-index';
import type { GitRunner } from './run-git';
import { commonDir } from './settings';

/**
 * Git for reading and writing work-tree files: supervised where filters are configured (git-lfs and the like), because
 * git starts those as programs, which nobody would end after this process had been killed.
 */
export async function besideFilters(git: GitRunner, lock: RunLock): Promise<GitRunner> {
  return (await areConfigured(git)) ? git.under(lock) : git;
}

async function areConfigured(git: GitRunner): Promise<boolean> {
  return (await git.bytes(['config', '--name-only', '--get-regexp', String.raw`^filter\..*\.(clean|smudge|process)$`], { accept: [0, 1] })).length > 0;
}

/** The same, asked of git once an operation and again when a file of configuration has changed. */
export class Filters {
  private known: { readonly lock: RunLock; readonly stamps: string; readonly configured: boolean } | undefined;

  /** @param gitDir of this work tree, also a linked one */
  constructor(private readonly git: GitRunner, private readonly gitDir: string) {}

  async beside(lock: RunLock): Promise<GitRunner> {
    const files = [this.gitDir, await commonDir(this.gitDir)].flatMap((folder) => ['config', 'config.worktree'].map((name) => path.join(folder, name)));
    const stamps = (await Promise.all([...files, ...personal()].map((file) => stampOf(file).catch(() => '')))).join();
    if (this.known?.lock !== lock || this.known.stamps !== stamps) this.known = { lock, stamps, configured: await areConfigured(this.git) };
    return this.known.configured ? this.git.under(lock) : this.git;
  }
}

/** A person's own configuration, where a program at work may write too; what it includes is seen by the next operation. */
function personal(): string[] {
  const home = os.homedir();
  return [path.join(home, '.gitconfig'), path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'git', 'config')];
}
