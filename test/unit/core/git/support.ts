import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Git, openGit } from '../../../../src/core/git/index';
import { createPrograms } from '../../../../src/core/process/index';
import type { Guests } from '../../../../src/core/process/ports';
import { silentLogger } from '../../../../src/core/util/logger';
import { git, isolatedGit } from '../../../support/git';
import { storage } from '../../../support/storage';
import { bundledSupervisor, guestPrograms, heldLock, type TestLock, temporaryFolder } from '../process/support';

for (const [name, value] of Object.entries(isolatedGit())) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

export const programs = createPrograms({ log: silentLogger, supervisorPath: bundledSupervisor(), storage });

/** Hooks and filters run supervised but without a guard, which has its own tests. */
export const unguarded: Guests = {
  around: async ({ lock }, work) => ({
    result: await work(guestPrograms(programs, lock)),
    report: { mode: 'noticed', violations: [], warnings: [], opted: false },
  }),
};

export interface Place {
  readonly top: string;
  readonly repository: Git;
  readonly lock: TestLock;
  git(...args: string[]): Promise<string>;
  write(file: string, content: string | Uint8Array): void;
  read(file: string): string;
  has(file: string): boolean;
  /**
   * Everything that an operation must not change: HEAD, the branch, refs other than Weld's, the bytes of the index, the
   * work tree.
   */
  state(): Promise<Record<string, string>>;
  files(tree: string): Promise<string[]>;
}

export async function place(...init: string[]): Promise<Place> {
  const top = temporaryFolder();
  await git(top, 'init', '-q', ...init);
  return at(top);
}

export async function at(top: string): Promise<Place> {
  const gitDir = await git(top, 'rev-parse', '--absolute-git-dir');
  const file = (name: string): string => path.join(top, name);
  return {
    top,
    repository: await openGit(top, programs, unguarded),
    lock: heldLock(top),
    git: (...args) => git(top, ...args),
    write(name, content) {
      fs.mkdirSync(path.dirname(file(name)), { recursive: true });
      fs.writeFileSync(file(name), content);
    },
    read: (name) => fs.readFileSync(file(name), 'utf8'),
    has: (name) => fs.existsSync(file(name)),
    async state() {
      const index = path.join(gitDir, 'index');
      const refs = (await git(top, 'for-each-ref')).split('\n').filter((line) => !line.includes('refs/weld/'));
      return {
        head: fs.readFileSync(path.join(gitDir, 'HEAD'), 'utf8'),
        refs: refs.join('\n'),
        index: fs.existsSync(index) ? createHash('sha256').update(fs.readFileSync(index)).digest('hex') : 'none',
        work: digest(top),
      };
    },
    files: async (tree) =>
      (await git(top, 'ls-tree', '-r', '-z', '--name-only', tree)).split('\0').filter((name) => name !== ''),
  };
}

/** One commit with a few files in it. */
export async function withCommit(...init: string[]): Promise<Place> {
  const here = await place(...init);
  here.write('a.txt', 'a\n');
  here.write('dir/b.txt', 'b\n');
  here.write('.gitignore', 'ignored/\n*.log\n');
  await here.git('add', '-A');
  await here.git('commit', '-q', '-m', 'first');
  return here;
}

function digest(top: string): string {
  const hash = createHash('sha256');
  const walk = (folder: string): void => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(folder, entry.name);
      if (folder === top && (entry.name === '.git' || entry.name === '.weld')) continue;
      const stat = fs.lstatSync(file);
      hash.update(`${path.relative(top, file)} ${stat.mode} ${entry.isDirectory() ? '' : stat.mtimeMs}\n`);
      if (entry.isDirectory()) walk(file);
      else hash.update(entry.isSymbolicLink() ? fs.readlinkSync(file) : fs.readFileSync(file));
    }
  };
  walk(top);
  return hash.digest('hex');
}
