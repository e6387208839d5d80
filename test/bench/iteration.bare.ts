import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bareGit } from './iteration.repository';

export function timed(what: () => void): number {
  const begun = performance.now();
  what();
  return performance.now() - begun;
}

/** The index that the bare commands work with, as Weld has one of its own. */
export function bareIndex(top: string): string {
  const index = path.join(top, '.git/bench.index');
  fs.copyFileSync(path.join(top, '.git/index'), index);
  return index;
}

/**
 * What one iteration needs of git at the least: the tree, its ref, its patch, and the looks at what the checks and the
 * reviewer left.
 */
export function bareIteration(top: string, index: string, base: string, changed: readonly string[]): void {
  const env = { GIT_INDEX_FILE: index };
  const status = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'];
  bareGit(top, status, { env });
  bareGit(top, ['update-index', '--add', '-z', '--stdin'], { env, input: changed.join('\0') });
  const tree = bareGit(top, ['write-tree'], { env });
  bareGit(top, ['update-ref', 'refs/bench/01', tree]); // where Weld looks at nothing
  bareGit(top, ['diff-tree', '-r', '-p', '--binary', '--full-index', base, tree]);
  bareGit(top, status, { env });
  bareGit(top, status, { env });
}

/** What guests have no business with: once an iteration refs have moved. */
export function bareGuard(top: string): void {
  bareGit(top, ['for-each-ref', 'refs/heads/', 'refs/weld/']);
}

/**
 * Where guests cannot be shut in: around both agents and the check the run kept as it was, and released when it still
 * is.
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

/** Ms in which `find` tells of each file what a look has to know; null where it is not GNU's. */
export function bareLook(folder: string): number | null {
  const begun = performance.now();
  const { status } = spawnSync('find', [folder, '-printf', '%m %i %s %T@ %C@ %p\n'], { maxBuffer: 1024 ** 3 });
  return status === 0 ? performance.now() - begun : null;
}
