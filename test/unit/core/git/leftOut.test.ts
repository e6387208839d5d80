import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { git } from '../../../support/git';
import { mustRun } from '../../../support/run';
import { type Place, withCommit } from './support';

const leftOut = async (here: Place): Promise<readonly { path: string; why: string }[]> =>
  (await here.repository.captureTree(here.lock)).leftOut;

describe('what no tree can hold is named', () => {
  test('a nested repository', async () => {
    const here = await withCommit();
    here.write('in/embedded/x', 'x');
    await git(path.join(here.top, 'in/embedded'), 'init', '-q');
    expect(await leftOut(here)).toEqual([{ path: 'in/embedded', why: 'nested repository' }]);
  });

  test.each([false, true])(
    'a nested repository in the place of a tracked file (with a commit: %s), also the second time',
    async (commit) => {
      const here = await withCommit();
      fs.rmSync(path.join(here.top, 'a.txt'));
      here.write('a.txt/work', 'w');
      await git(path.join(here.top, 'a.txt'), 'init', '-q');
      if (commit) await git(path.join(here.top, 'a.txt'), 'commit', '-q', '--allow-empty', '-m', 'x');
      for (const _ of [1, 2]) {
        const { tree, leftOut: named } = await here.repository.captureTree(here.lock);
        expect(named).toEqual([{ path: 'a.txt', why: 'nested repository' }]);
        expect(await here.files(tree)).toEqual(['.gitignore', 'dir/b.txt']);
      }
    },
  );

  test.each([false, true])(
    'a nested repository in the place of a tracked folder (with a commit: %s): its files are in the tree',
    async (commit) => {
      const here = await withCommit();
      fs.rmSync(path.join(here.top, 'dir'), { recursive: true });
      here.write('dir/work', 'w');
      await git(path.join(here.top, 'dir'), 'init', '-q');
      if (commit) await git(path.join(here.top, 'dir'), 'commit', '-q', '--allow-empty', '-m', 'x');
      for (const _ of [1, 2]) {
        const { tree, leftOut: named } = await here.repository.captureTree(here.lock);
        expect(named).toEqual([]);
        expect(await here.files(tree)).toEqual(['.gitignore', 'a.txt', 'dir/work']);
      }
    },
  );

  test('work in a submodule that no commit of it has, however deep', async () => {
    const here = await withCommit();
    const inner = await withCommit();
    const outer = await withCommit();
    await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.top, 'deep');
    await outer.git('commit', '-q', '-m', 'deep');
    await here.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', outer.top, 'sub');
    await here.git('commit', '-q', '-m', 'sub');
    await here.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init', '--recursive');
    expect(await leftOut(here)).toEqual([]);
    here.write('sub/a.txt', 'changed');
    expect(await leftOut(here)).toEqual([{ path: 'sub', why: 'submodule changed' }]);
    await git(path.join(here.top, 'sub'), 'checkout', '-q', 'a.txt');
    here.write('sub/deep/new.txt', 'new');
    expect(await leftOut(here)).toEqual([{ path: 'sub', why: 'submodule changed' }]);
  });

  test('a tracked file that has become a FIFO; the rest is captured', async () => {
    const here = await withCommit();
    fs.rmSync(path.join(here.top, 'a.txt'));
    await mustRun('mkfifo', [path.join(here.top, 'a.txt')]);
    here.write('dir/b.txt', 'changed');
    const { tree, leftOut: named } = await here.repository.captureTree(here.lock);
    expect(named).toEqual([{ path: 'a.txt', why: 'not a file' }]);
    expect(Buffer.from((await here.repository.readFile(tree, 'dir/b.txt')) ?? []).toString()).toBe('changed');
    expect(Buffer.from((await here.repository.readFile(tree, 'a.txt')) ?? []).toString()).toBe('a\n');
  });

  test('files that git refuses to convert; the rest is captured', async () => {
    const here = await withCommit();
    await here.git('config', 'core.autocrlf', 'input');
    await here.git('config', 'core.safecrlf', 'true');
    for (const name of ['x1', 'x2', 'x3', 'x4', 'x5']) here.write(name, 'text\n');
    here.write('crlf', 'one\r\ntwo\n');
    const { tree, leftOut: named } = await here.repository.captureTree(here.lock);
    expect(named).toEqual([{ path: 'crlf', why: 'refused by git' }]);
    expect(await here.files(tree)).toEqual(['.gitignore', 'a.txt', 'dir/b.txt', 'x1', 'x2', 'x3', 'x4', 'x5']);
  });
});

test('a look at ignored files that does not come to its end says so', async () => {
  const here = await withCommit();
  here.write('.gitignore', 'many/\n');
  here.write('many/one', 'x');
  expect(await here.repository.ignoredSince(0)).toEqual({ files: ['many/one'], all: true });
  for (let n = 0; n < 20_001; n++) fs.writeFileSync(path.join(here.top, 'many', String(n)), '');
  expect((await here.repository.ignoredSince(0)).all).toBe(false);
});

test('what a capture has seen to be ignored is what git lists as ignored', async () => {
  const here = await withCommit();
  here.write('.gitignore', 'whole/\n*.log\nsome/one\n/top\n');
  for (const file of [
    'whole/a',
    'whole/deep/b',
    'x.log',
    'dir/y.log',
    'logs/only.log',
    'some/one',
    'some/two',
    'top',
    'dir/top',
    'ö\n.log',
    '.weld/runs/x/meta.json',
  ])
    here.write(file, 'x');
  const asked = await here.repository.ignoredSince(0);
  await here.repository.captureTree(here.lock);
  const seen = await here.repository.ignoredSince(0);
  expect([...seen.files].sort()).toEqual([...new Set(asked.files)].sort());
  expect([...seen.files].sort()).toEqual([
    'dir/y.log',
    'logs/only.log',
    'some/one',
    'top',
    'whole/a',
    'whole/deep/b',
    'x.log',
    'ö\n.log',
  ]);
});
