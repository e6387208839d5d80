import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { rawChanges } from '../../../../src/core/git/diff';
import type { Oid } from '../../../../src/core/git/git';
import { replaceFiles, statKey } from '../../../../src/core/git/replaceFiles';
import { GitRunner } from '../../../../src/core/git/runGit';
import { mustRun } from '../../../support/run';
import { temporaryFolder } from '../process/support';
import { type Place, programs, withCommit } from './support';

const capture = async (here: Place): Promise<Oid> => (await here.repository.captureTree(here.lock)).tree;

describe('a restore that cannot be done', () => {
  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'takes back what it did when a file cannot be removed',
    async (context) => {
      const here = await withCommit();
      const to = await capture(here);
      here.write('a.txt', 'changed');
      here.write('new/x.txt', 'x');
      here.write('stuck/y.txt', 'y');
      const from = await capture(here);
      const stuck = path.join(here.top, 'stuck/y.txt');
      const held = await mustRun('chattr', ['+i', stuck]).then(
        () => true,
        () => false,
      );
      if (!held) return context.skip();
      try {
        await expect(here.repository.restoreTree(here.lock, from, to)).rejects.toMatchObject({
          code: 'NOT_WRITABLE',
          message: expect.stringContaining('stuck/y.txt') as string,
        });
        expect(here.read('a.txt')).toBe('changed');
        expect([here.read('new/x.txt'), here.read('stuck/y.txt')]).toEqual(['x', 'y']);
      } finally {
        await mustRun('chattr', ['-i', stuck]);
      }
      await here.repository.restoreTree(here.lock, from, to);
      expect(await capture(here)).toBe(to);
    },
  );

  test('a file that was saved since the tree was taken is kept, and nothing is restored', async () => {
    const here = await withCommit();
    const to = await capture(here);
    here.write('a.txt', 'changed');
    here.write('b.txt', 'b');
    const from = await capture(here);
    here.write('a.txt', 'saved!!');
    await expect(here.repository.restoreTree(here.lock, from, to)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('a.txt') as string,
    });
    expect([here.read('a.txt'), here.read('b.txt')]).toEqual(['saved!!', 'b']);
  });

  test.each(['in its place', 'as a new file'])('one saved between the look and the write (%s) is kept', async (how) => {
    const here = await withCommit();
    const to = await capture(here);
    here.write('dir/b.txt', 'changed');
    if (how === 'as a new file') fs.rmSync(path.join(here.top, 'a.txt'));
    const changes = await rawChanges(new GitRunner(here.top, programs), await capture(here), to);
    const hold = temporaryFolder();
    for (const { path: file } of changes) {
      fs.mkdirSync(path.join(hold, 'new', path.dirname(file)), { recursive: true });
      fs.writeFileSync(path.join(hold, 'new', file), 'restored');
    }
    const looks = new Map([['dir/b.txt', (await statKey(path.join(here.top, 'dir/b.txt'))) ?? '']]);
    if (how === 'as a new file') here.write('a.txt', 'saved');
    else here.write('dir/b.txt', 'saved!!');
    await expect(replaceFiles(here.top, changes, hold, looks)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    if (how === 'as a new file') expect([here.read('a.txt'), here.read('dir/b.txt')]).toEqual(['saved', 'changed']);
    else expect(here.read('dir/b.txt')).toBe('saved!!');
  });

  test.skipIf(process.platform !== 'linux').each(['b.txt', 'new.txt'])(
    'a folder swapped for a link leads nowhere (%s)',
    async (name) => {
      const here = await withCommit();
      const file = `dir/${name}`;
      here.write(file, 'as it was');
      const to = await capture(here);
      if (name === 'b.txt') here.write(file, 'changed');
      else fs.rmSync(path.join(here.top, file)); // no stat data to compare: only the path shows the change
      const changes = await rawChanges(new GitRunner(here.top, programs), await capture(here), to);
      const looks = new Map(name === 'b.txt' ? [[file, (await statKey(path.join(here.top, file))) ?? '']] : []);
      const outside = temporaryFolder();
      fs.renameSync(path.join(here.top, 'dir'), path.join(here.top, 'away'));
      fs.writeFileSync(path.join(outside, 'b.txt'), 'outside');
      fs.symlinkSync(outside, path.join(here.top, 'dir'));
      const hold = temporaryFolder();
      fs.mkdirSync(path.join(hold, 'new/dir'), { recursive: true });
      fs.writeFileSync(path.join(hold, 'new', file), 'restored');
      await expect(replaceFiles(here.top, changes, hold, looks)).rejects.toMatchObject({ code: 'GIT_FAILED' });
      expect(fs.readdirSync(outside)).toEqual(['b.txt']);
      expect(fs.readFileSync(path.join(outside, 'b.txt'), 'utf8')).toBe('outside');
    },
  );
});
