import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bareGit } from './iteration.repository';

export function timed(what: () => void): number {
  const begun = performance.now();
  what();
  return performance.now() - begun;
}

/** The private index of the bare commands, like Weld's own. */
export function bareIndex(top: string): string {
  const index = path.join(top, '.git/bench.index');
  fs.copyFileSync(path.join(top, '.git/index'), index);
  return index;
}

/**
 * The least git work that one iteration needs: the tree, its ref, its patch, and the state after the checks and the
 * reviewer.
 */
export function bareIteration(top: string, index: string, base: string, changed: readonly string[]): void {
  const env = { GIT_INDEX_FILE: index };
  const status = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'];
  bareGit(top, status, { env });
  bareGit(top, ['update-index', '--add', '-z', '--stdin'], { env, input: changed.join('\0') });
  const tree = bareGit(top, ['write-tree'], { env });
  bareGit(top, ['update-ref', 'refs/bench/01', tree]); // a ref that Weld does not watch
  bareGit(top, ['diff-tree', '-r', '-p', '--binary', '--full-index', base, tree]);
  bareGit(top, status, { env });
  bareGit(top, status, { env });
}

/** State that guests must not change; refs move once per iteration. */
export function bareGuard(top: string): void {
  bareGit(top, ['for-each-ref', 'refs/heads/', 'refs/weld/']);
}

/**
 * If guests cannot be shut in: keeps a copy of the run around both agents and the check, and deletes it if nothing
 * changed.
 */
export function bareKeeping(top: string): void {
  const env = { GIT_INDEX_FILE: path.join(top, '.git/bench.weld.index') };
  const weld = ['--git-dir', path.join(top, '.git'), '--work-tree', path.join(top, '.weld')];
  for (let guest = 0; guest < 3; guest++) {
    bareGit(path.join(top, '.weld'), [...weld, 'add', '--all', '--force', '--', 'runs', 'config.toml'], { env });
    const tree = bareGit(top, ['write-tree'], { env });
    bareGit(top, ['update-ref', 'refs/worktree/bench/kept', tree]);
    bareGit(top, ['update-ref', '-d', 'refs/worktree/bench/kept', tree]);
  }
}

/** Time in which `find` prints the stat data of all files, in ms; null without GNU find. */
export function bareLook(folder: string): number | null {
  const begun = performance.now();
  const { status } = spawnSync('find', [folder, '-printf', '%m %i %s %T@ %C@ %p\n'], { maxBuffer: 1024 ** 3 });
  return status === 0 ? performance.now() - begun : null;
}

/**
 * What a restore needs of git at least: the present tree kept by a ref, and the files of the other one.
 * @returns the number of starts
 */
export function bareRestore(top: string, index: string, tree: string, changed: readonly string[]): number {
  const env = { GIT_INDEX_FILE: index };
  const input = changed.join('\0');
  bareGit(top, ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'], { env });
  bareGit(top, ['update-index', '--add', '-z', '--stdin'], { env, input });
  bareGit(top, ['update-ref', 'refs/bench/kept', bareGit(top, ['write-tree'], { env })]);
  bareGit(top, ['read-tree', tree], { env });
  bareGit(top, ['checkout-index', '--force', '--prefix=.git/bench/', '-z', '--stdin'], { env, input });
  return 6;
}

/** What a commit of some files needs of git at least, without moving HEAD. @returns the number of starts */
export function bareCommit(top: string, index: string, changed: readonly string[]): number {
  const env = { GIT_INDEX_FILE: index };
  bareGit(top, ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'], { env });
  bareGit(top, ['update-index', '--add', '-z', '--stdin'], { env, input: changed.join('\0') });
  bareGit(top, ['commit', '--dry-run', '--quiet'], { env });
  return 3;
}
