import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { readCapped } from '../artifacts/bounded';
import type { RunLock } from '../lock/runLock';
import type { GuestPrograms, Guests } from '../process/ports';
import { WeldError } from '../util/errors';
import { stampOf } from './privateIndex';
import { commonDir, type GitRunner } from './runGit';

const FILTER = { kind: 'filter', name: 'filter', label: "A filter of git's" } as const;

/** What is needed to read or write files of the work tree. */
export interface FilteredWork {
  readonly guests: Guests;
  readonly lock: RunLock;
  /** The private index that the work writes, if any. */
  readonly index?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Like `Filters`, but for several repositories at once, such as submodules.
 * @param what receives a function that turns the git of any of them into one that may start filters
 */
export async function withFiltersOf<T>(
  all: readonly GitRunner[],
  work: FilteredWork,
  what: (beside: (git: GitRunner) => GitRunner) => Promise<T>,
): Promise<T> {
  for (const git of all)
    if (await areConfigured(git)) return around(work, (programs) => what((each) => each.asGuest(programs)));
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
 * Lets git read or write files of the work tree. If filters such as git-lfs are configured, git runs as a guest,
 * because it starts them as programs. The configuration is read once per operation, and again when a configuration file
 * has changed.
 */
export class Filters {
  private known: { readonly lock: RunLock; readonly stamps: string; readonly configured: boolean } | undefined;

  /** @param gitDir of this work tree, also a linked one */
  constructor(
    private readonly git: GitRunner,
    private readonly gitDir: string,
  ) {}

  /** @throws WeldError `VIOLATION` when a filter went beyond its task */
  async run<T>(work: FilteredWork, what: (git: GitRunner) => Promise<T>): Promise<T> {
    const { lock } = work;
    const files = [this.gitDir, await commonDir(this.gitDir)].flatMap((folder) =>
      ['config', 'config.worktree'].map((name) => path.join(folder, name)),
    );
    const stamps = (
      await Promise.all([...files, ...userConfigFiles()].map((file) => stampOf(file).catch(() => '')))
    ).join();
    if (this.known?.lock !== lock || this.known.stamps !== stamps)
      this.known = { lock, stamps, configured: await areConfigured(this.git) };
    return this.known.configured ? around(work, (programs) => what(this.git.asGuest(programs))) : what(this.git);
  }
}

/**
 * The person's own configuration, which a running program may also write. Changes of files that it includes are noticed
 * by the next operation.
 */
function userConfigFiles(): string[] {
  const home = os.homedir();
  return [
    path.join(home, '.gitconfig'),
    path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'git', 'config'),
  ];
}

/** Files that can make git run programs or overlook files. */
const CONFIG_FILES = [
  'config',
  'config.worktree',
  'info/attributes',
  'info/exclude',
  'info/sparse-checkout',
  'info/grafts',
  'shallow',
  'objects/info/alternates',
];

/** Git treats an empty one of these as absent. Agents' sandboxes leave empty files behind as mount points. */
const EMPTY_MEANS_ABSENT = new Set([
  'config',
  'config.worktree',
  'attributes',
  'exclude',
  'grafts',
  'shallow',
  'alternates',
]);

/** Maximum size of a file that is hashed, in bytes; a larger one is compared by its stat data. */
const MAX_CONFIG_BYTES = 10 * 1024 * 1024;

/**
 * Digests of a repository's configuration, hooks and rules, to detect changes. Excludes `[branch]` sections, which
 * editors write by themselves.
 * @param gitDir of this work tree, also a linked one
 * @returns digests by path below the common git folder, without absent files
 */
export async function readConfigDigests(gitDir: string): Promise<ReadonlyMap<string, string>> {
  const common = await commonDir(gitDir);
  const hooks = (await fs.readdir(path.join(common, 'hooks')).catch(() => []))
    .filter((name) => !name.endsWith('.sample'))
    .map((name) => `hooks/${name}`);
  const files = [...new Set([gitDir, common])].flatMap((folder) => CONFIG_FILES.map((name) => path.join(folder, name)));
  const digests = await Promise.all(
    [...files, ...hooks.map((name) => path.join(common, name))].map(
      async (file) => [path.relative(common, file), await digest(file)] as const,
    ),
  );
  return new Map(digests.flatMap(([name, value]) => (value === null ? [] : [[name.split(path.sep).join('/'), value]])));
}

async function digest(file: string): Promise<string | null> {
  const stat = await fs.lstat(file).catch(() => null);
  if (!stat || (stat.isFile() && stat.size === 0 && EMPTY_MEANS_ABSENT.has(path.basename(file)))) return null;
  const target = stat.isSymbolicLink() ? await fs.readlink(file).catch(() => '') : '';
  const content = (await readCapped(file, MAX_CONFIG_BYTES)) ?? Buffer.from(`${stat.size} ${stat.mtimeMs} ${stat.ino}`);
  const told = path.basename(file) === 'config' ? withoutBranches(content.toString('utf8')) : content;
  return `${stat.mode} ${target} ${createHash('sha256').update(told).digest('hex')}`;
}

/** Drops whole `[branch "…"]` sections; a line that might begin another section is kept. */
function withoutBranches(config: string): string {
  let inBranch = false;
  return config
    .split('\n')
    .filter((line) => {
      if (line.trimStart().startsWith('[')) inBranch = /^\s*\[branch "[^"\\]*"\]\s*$/u.test(line);
      return !inBranch && line.trim() !== '';
    })
    .join('\n');
}
