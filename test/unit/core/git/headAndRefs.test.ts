import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Git, openGit } from '../../../../src/core/git/index';
import { at, type Place, programs, withCommit } from './support';

/** Reads through one opened repository, and the number of git starts. */
async function reading(here: Place): Promise<{
  read: () => Promise<{ branch: string | null; sha: string | null; refs: string[] }>;
  git: Git;
  starts: () => number;
}> {
  let starts = 0;
  const git = await openGit(here.top, { ...programs, run: (request) => (starts++, programs.run(request)) });
  starts = 0;
  return {
    read: async () => {
      const { head, refs } = await git.headAndRefs();
      return { ...head, refs: refs.all().map(({ name, oid }) => `${name} ${oid}`) };
    },
    git,
    starts: () => starts,
  };
}

describe('HEAD and the refs of runs', () => {
  test.each<[string, (here: Place, commit: string) => unknown]>([
    ['a commit', (here) => here.git('commit', '-q', '--allow-empty', '-m', 'next')],
    ['another branch of the same commit', (here) => here.git('checkout', '-q', '-b', 'other')],
    ['a ref of a run that moved', (here, commit) => here.git('update-ref', 'refs/weld/run/01', `${commit}^{tree}`)],
    ['one that came', (here, commit) => here.git('update-ref', 'refs/weld/run/02', commit)],
    ['one that went', (here) => here.git('update-ref', '-d', 'refs/weld/run/01')],
    ['one of a run that had none', (here, commit) => here.git('update-ref', 'refs/weld/other/01', commit)],
    ['one that stands by itself', (here, commit) => here.git('update-ref', 'refs/weld/alone', commit)],
    [
      'one that was packed and moved',
      async (here, commit) => {
        await here.git('pack-refs', '--all');
        await here.git('update-ref', 'refs/weld/run/01', `${commit}^{tree}`);
      },
    ],
    [
      'one whose file was rewritten in place, as old as before',
      (here, commit) => {
        const file = path.join(here.top, '.git/refs/weld/run/01');
        const { atime, mtime } = fs.statSync(file);
        fs.writeFileSync(file, `${commit.replace(/./gu, 'a')}\n`);
        fs.utimesSync(file, atime, mtime);
      },
    ],
  ])('%s is seen as git itself sees it, and git is not asked before', async (_what, change) => {
    const here = await withCommit();
    const commit = await here.git('rev-parse', 'HEAD');
    await here.git('update-ref', 'refs/weld/run/01', commit);
    const { read, starts } = await reading(here);
    const first = await read();
    expect(first).toEqual({ branch: 'main', sha: commit, refs: [`refs/weld/run/01 ${commit}`] });
    expect(await read()).toEqual(first);
    expect(starts()).toBe(1);
    await change(here, commit);
    const { read: anew } = await reading(here);
    const now = await read();
    expect(now).not.toEqual(first);
    expect(now).toEqual(await anew());
    expect(starts()).toBeLessThanOrEqual(2);
  });

  test('a ref that was written is read from its file, one that holds anything else by git', async () => {
    const here = await withCommit();
    const commit = await here.git('rev-parse', 'HEAD');
    await here.git('update-ref', 'refs/weld/run/01', commit);
    const { read, starts } = await reading(here);
    await read();
    await here.git('update-ref', 'refs/weld/run/02', commit);
    expect((await read()).refs).toEqual([`refs/weld/run/01 ${commit}`, `refs/weld/run/02 ${commit}`]);
    expect(starts()).toBe(1);
    await here.git('symbolic-ref', 'refs/weld/run/03', 'refs/heads/main');
    expect((await read()).refs.at(-1)).toBe(`refs/weld/run/03 ${commit}`);
    expect(starts()).toBe(2);
    fs.writeFileSync(path.join(here.top, '.git/refs/weld/run/04.lock'), '');
    expect((await read()).refs).toHaveLength(3);
    expect(starts()).toBe(3);
  });

  test('HEAD alone and its tree are asked for once a commit, whatever refs of runs come meanwhile', async () => {
    const here = await withCommit();
    const { git, starts } = await reading(here);
    const trees = [await git.headTree()];
    expect(starts()).toBe(2);
    await here.git('update-ref', 'refs/weld/run/01', 'HEAD');
    trees.push(await git.headTree());
    expect((await git.head()).branch).toBe('main');
    expect(starts()).toBe(2);
    here.write('a.txt', 'next\n');
    await here.git('commit', '-q', '-a', '-m', 'next');
    trees.push(await git.headTree());
    expect(trees).toEqual([
      await here.git('rev-parse', 'HEAD~1^{tree}'),
      trees[0],
      await here.git('rev-parse', 'HEAD^{tree}'),
    ]);
    await here.git('checkout', '-q', '--orphan', 'empty');
    expect(await git.headTree()).toBe(await here.git('hash-object', '-t', 'tree', '/dev/null'));
  });

  test('packed refs behind a symbolic link are seen to change', async () => {
    const here = await withCommit();
    const packed = path.join(here.top, '.git/packed-refs');
    await here.git('update-ref', 'refs/weld/run/01', 'HEAD');
    await here.git('pack-refs', '--all');
    fs.renameSync(packed, path.join(here.top, '.git/elsewhere'));
    fs.symlinkSync('elsewhere', packed);
    const { read } = await reading(here);
    expect((await read()).refs).toHaveLength(1);
    fs.writeFileSync(
      path.join(here.top, '.git/elsewhere'),
      fs
        .readFileSync(packed, 'utf8')
        .split('\n')
        .filter((line) => !line.includes('weld'))
        .join('\n'),
    );
    expect((await read()).refs).toEqual([]);
  });

  test('a linked work tree has a HEAD of its own, and a detached one is always asked for', async () => {
    const here = await withCommit();
    const linked = path.join(here.top, '..', `${path.basename(here.top)}-linked`);
    await here.git('worktree', 'add', '-q', '-b', 'beside', linked);
    const there = await at(linked);
    const { read, starts } = await reading(there);
    expect((await read()).branch).toBe('beside');
    await there.git('commit', '-q', '--allow-empty', '-m', 'there');
    const sha = await there.git('rev-parse', 'HEAD');
    expect(await read()).toMatchObject({ branch: 'beside', sha });
    await there.git('checkout', '-q', '--detach');
    const before = starts();
    for (let n = 0; n < 2; n++) expect(await read()).toMatchObject({ branch: null, sha });
    expect(starts()).toBe(before + 4);
    fs.rmSync(linked, { recursive: true });
  });
});
