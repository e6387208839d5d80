import * as os from 'node:os';
import * as path from 'node:path';
import { WeldError } from '../errors';
import type { Guests } from '../guard/types';
import type { RunLock } from '../lock/types';
import type { GuestPrograms } from '../process/types';
import { stampOf } from './private-index';
import type { GitRunner } from './run-git';
import { commonDir } from './settings';

const FILTER = { kind: 'filter', name: 'filter', label: "A filter of git's" } as const;

/** What a piece of work that reads or writes files of the work tree needs. */
export interface FilteredWork {
  readonly guests: Guests;
  readonly lock: RunLock;
  /** The private index that it works with, if it writes one. */
  readonly index?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * As `Filters`, in several repositories at a time, such as submodules. @param what is given what makes a git of any of
 * them one that may start filters
 */
export async function besideFiltersOf<T>(
  all: readonly GitRunner[],
  work: FilteredWork,
  what: (beside: (git: GitRunner) => GitRunner) => Promise<T>,
): Promise<T> {
  for (const git of all)
    if (await areConfigured(git)) return around(work, (programs) => what((each) => each.under(programs)));
  return what((git) => git);
}

async function around<T>(
  { guests, lock, index, signal }: FilteredWork,
  what: (programs: GuestPrograms) => Promise<T>,
): Promise<T> {
  const writable = index === undefined ? [] : [path.dirname(index)];
  const { result, report } = await guests.around({ lock, guest: FILTER, writable, signal }, what);
  if (report.violations.length > 0) throw new WeldError('VIOLATION', report.violations.join(' '));
  return result;
}

async function areConfigured(git: GitRunner): Promise<boolean> {
  return (
    (
      await git.bytes(['config', '--name-only', '--get-regexp', String.raw`^filter\..*\.(clean|smudge|process)$`], {
        accept: [0, 1],
      })
    ).length > 0
  );
}

/**
 * Has git read or write files of the work tree: as a guest where filters are configured (git-lfs and the like), because
 * git starts those as programs. It is asked for them once an operation, and again when a file of configuration has
 * changed.
 */
export class Filters {
  private known: { readonly lock: RunLock; readonly stamps: string; readonly configured: boolean } | undefined;

  /** @param gitDir of this work tree, also a linked one */
  constructor(
    private readonly git: GitRunner,
    private readonly gitDir: string,
  ) {}

  /** @throws WeldError `VIOLATION` when a filter went beyond its task */
  async beside<T>(work: FilteredWork, what: (git: GitRunner) => Promise<T>): Promise<T> {
    const { lock } = work;
    const files = [this.gitDir, await commonDir(this.gitDir)].flatMap((folder) =>
      ['config', 'config.worktree'].map((name) => path.join(folder, name)),
    );
    const stamps = (await Promise.all([...files, ...personal()].map((file) => stampOf(file).catch(() => '')))).join();
    if (this.known?.lock !== lock || this.known.stamps !== stamps)
      this.known = { lock, stamps, configured: await areConfigured(this.git) };
    return this.known.configured ? around(work, (programs) => what(this.git.under(programs))) : what(this.git);
  }
}

/**
 * A person's own configuration, where a program at work may write too; what it includes is seen by the next operation.
 */
function personal(): string[] {
  const home = os.homedir();
  return [
    path.join(home, '.gitconfig'),
    path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'git', 'config'),
  ];
}
