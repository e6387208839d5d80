import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Oid } from '../../../../src/core/git/git';
import { baseRef, iterationRef } from '../../../../src/core/git/index';
import { oid } from '../../../../src/core/git/oid';
import { git } from '../../../support/git';
import { temporaryFolder } from '../process/support';
import { type Place, place, withCommit } from './support';

const capture = async (here: Place): Promise<Oid> => (await here.repository.captureTree(here.lock)).tree;

describe('diff', () => {
  test('is the same whatever the person configured, applies, and holds binary files', async () => {
    const here = await withCommit();
    const from = await capture(here);
    here.write('käse.txt', 'one\n');
    here.write('bin', Buffer.from([0, 1, 2, 255]));
    here.write('a.txt', 'changed\n');
    const to = await capture(here);
    const plain = await here.repository.diff(from, to);
    const settings = {
      'diff.noprefix': 'true',
      'diff.mnemonicPrefix': 'true',
      'color.ui': 'always',
      'color.diff': 'always',
      'diff.external': '/bin/false',
      'diff.context': '0',
      'diff.algorithm': 'patience',
      'diff.renames': 'copies',
      'core.quotepath': 'true',
      'diff.x.textconv': 'cat /dev/null;',
      'diff.suppressBlankEmpty': 'true',
      'diff.orderFile': path.join(here.top, 'order'),
      'diff.interHunkContext': '9',
      'core.pager': 'false',
    };
    for (const [key, value] of Object.entries(settings)) await here.git('config', key, value);
    here.write('order', 'käse.txt\n');
    fs.mkdirSync(path.join(here.top, '.git/info'), { recursive: true });
    fs.writeFileSync(path.join(here.top, '.git/info/attributes'), '*.txt diff=x\n');
    expect(Buffer.from(await here.repository.diff(from, to)).toString()).toBe(Buffer.from(plain).toString());
    const text = Buffer.from(plain).toString();
    expect(text).toContain('diff --git a/käse.txt b/käse.txt');
    expect(text).toContain('GIT binary patch');
    const copy = temporaryFolder();
    await git(copy, 'clone', '-q', here.top, '.');
    fs.writeFileSync(path.join(copy, '.git/p'), plain);
    await git(copy, 'apply', '--index', '.git/p');
    expect(await git(copy, 'write-tree')).toBe(to);
  });

  test('of the same tree is empty; ids that are none are refused', async () => {
    const here = await withCommit();
    const tree = await capture(here);
    expect((await here.repository.diff(tree, tree)).length).toBe(0);
    await expect(here.repository.diff('--output=/tmp/x' as Oid, tree)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  test('changed files, with what happened to each', async () => {
    const here = await withCommit();
    const from = await capture(here);
    here.write('a.txt', 'c');
    here.write('new\nline', 'n');
    fs.rmSync(path.join(here.top, 'dir/b.txt'));
    fs.rmSync(path.join(here.top, '.gitignore'));
    fs.symlinkSync('x', path.join(here.top, '.gitignore'));
    expect(await here.repository.changedFiles(from, await capture(here))).toEqual([
      { path: '.gitignore', status: 'type-changed' },
      { path: 'a.txt', status: 'modified' },
      { path: 'dir/b.txt', status: 'deleted' },
      { path: 'new\nline', status: 'added' },
    ]);
  });
});

describe('readFile and blobId', () => {
  test('give bytes, null for what is not a file there, and the id that git would give', async () => {
    const here = await withCommit();
    const tree = await capture(here);
    expect(Buffer.from((await here.repository.readFile(tree, 'dir/b.txt')) ?? []).toString()).toBe('b\n');
    for (const name of ['dir', 'no', '../x', 'a.txt/x', ''])
      expect(await here.repository.readFile(tree, name)).toBeNull();
    const outside = path.join(temporaryFolder(), 'spec.md');
    fs.writeFileSync(outside, 'a\n');
    expect(await here.repository.blobId(outside)).toBe(await here.git('rev-parse', 'HEAD:a.txt'));
  });
});

describe('refs', () => {
  test('hold trees, are created once, listed by prefix and deleted by prefix', async () => {
    const here = await withCommit();
    const before = await here.state();
    const { repository, lock } = here;
    const first = await capture(here);
    const base = baseRef('20260105-120000-lösung', '01-a');
    const one = iterationRef('20260105-120000-lösung', '01-a', 1);
    expect(await repository.readRef(base)).toBeNull();
    await repository.writeRef(lock, base, first, 'create');
    await expect(repository.writeRef(lock, base, first, 'create')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    here.write('x', 'x');
    const second = await capture(here);
    fs.rmSync(path.join(here.top, 'x'));
    await repository.writeRef(lock, one, first, 'replace');
    await repository.writeRef(lock, one, second, 'replace');
    await repository.writeRef(lock, baseRef('20260105-120000-lösung', '01-ab'), first, 'create');
    expect(await repository.readRef(one)).toBe(second);
    expect((await repository.listRefs('refs/weld/20260105-120000-lösung/01-a/')).map((ref) => ref.name)).toEqual([
      one,
      base,
    ]);
    await repository.deleteRefs(lock, 'refs/weld/20260105-120000-lösung/01-a/');
    expect((await repository.listRefs('refs/weld/')).map((ref) => ref.name)).toEqual([
      baseRef('20260105-120000-lösung', '01-ab'),
    ]);
    expect(await here.state()).toEqual({ ...before, work: (await here.state()).work });
  });

  test('elsewhere are never written, and none without the lock', async () => {
    const here = await withCommit();
    const tree = await capture(here);
    for (const name of ['refs/heads/main', 'HEAD', 'refs/weld/../heads/main', 'refs/weld/*'])
      await expect(here.repository.writeRef(here.lock, name, tree, 'replace')).rejects.toMatchObject({
        code: 'INTERNAL',
      });
    here.lock.lose();
    await expect(here.repository.writeRef(here.lock, baseRef('r', 's'), tree, 'create')).rejects.toMatchObject({
      code: 'LOCK_LOST',
    });
    expect(await here.repository.listRefs('refs/weld/')).toEqual([]);
  });

  test('keep their trees through a collection of garbage', async () => {
    const here = await withCommit();
    here.write('x', 'only in the tree');
    const tree = await capture(here);
    await here.repository.writeRef(here.lock, baseRef('r', 's'), tree, 'create');
    fs.rmSync(path.join(here.top, '.git/weld'), { recursive: true });
    await here.git('gc', '-q', '--prune=now');
    expect(Buffer.from((await here.repository.readFile(tree, 'x')) ?? []).toString()).toBe('only in the tree');
  });
});

describe('restoreTree', () => {
  test('changes what differs, leaves ignored files, the index and unchanged files alone', async () => {
    const here = await withCommit();
    fs.symlinkSync('a.txt', path.join(here.top, 'link'));
    here.write('run.sh', '#!/bin/sh\n');
    fs.chmodSync(path.join(here.top, 'run.sh'), 0o755);
    const to = await capture(here);
    const unchanged = fs.statSync(path.join(here.top, '.gitignore'), { bigint: true }).mtimeNs;
    here.write('a.txt', 'changed');
    here.write('deep/er/new.txt', 'n');
    here.write('ignored/keep', 'k');
    fs.rmSync(path.join(here.top, 'dir'), { recursive: true });
    fs.rmSync(path.join(here.top, 'link'));
    fs.rmSync(path.join(here.top, 'run.sh'));
    await here.git('add', 'a.txt');
    const before = await here.state();
    const from = await capture(here);
    await here.repository.restoreTree(here.lock, from, to);
    expect(await capture(here)).toBe(to);
    expect({ ...(await here.state()), work: '' }).toEqual({ ...before, work: '' });
    expect([
      here.read('a.txt'),
      here.read('dir/b.txt'),
      here.read('ignored/keep'),
      here.has('deep'),
      fs.readlinkSync(path.join(here.top, 'link')),
    ]).toEqual(['a\n', 'b\n', 'k', false, 'a.txt']);
    expect(fs.statSync(path.join(here.top, 'run.sh')).mode & 0o111).not.toBe(0);
    expect(fs.statSync(path.join(here.top, '.gitignore'), { bigint: true }).mtimeNs).toBe(unchanged);
    await here.repository.restoreTree(here.lock, to, from); // and back again
    expect(await capture(here)).toBe(from);
  });

  test.each([
    [
      'a file that became a folder',
      (h: Place) => {
        fs.rmSync(path.join(h.top, 'a.txt'));
        h.write('a.txt/x', 'x');
      },
    ],
    [
      'a folder that became a file',
      (h: Place) => {
        fs.rmSync(path.join(h.top, 'dir'), { recursive: true });
        h.write('dir', 'file');
      },
    ],
    [
      'a folder that became a link out',
      (h: Place) => {
        fs.rmSync(path.join(h.top, 'dir'), { recursive: true });
        fs.symlinkSync(temporaryFolder(), path.join(h.top, 'dir'));
      },
    ],
    [
      'odd names',
      (h: Place) => {
        h.write('new\nline', '1');
        h.write('-x', '1');
        h.write(':(top)y', '1');
      },
    ],
  ])('%s, there and back', async (_, change) => {
    const here = await withCommit();
    const to = await capture(here);
    change(here);
    const from = await capture(here);
    await here.repository.restoreTree(here.lock, from, to);
    expect(await capture(here)).toBe(to);
    await here.repository.restoreTree(here.lock, to, from);
    expect(await capture(here)).toBe(from);
  });

  test('never removes or writes through a link that leads out', async () => {
    const here = await withCommit();
    here.write('new/b.txt', 'n');
    const from = await capture(here);
    const outside = temporaryFolder();
    for (const name of ['dir', 'new']) {
      fs.rmSync(path.join(here.top, name), { recursive: true });
      fs.symlinkSync(outside, path.join(here.top, name)); // after the capture, so not in `from`
    }
    fs.writeFileSync(path.join(outside, 'b.txt'), 'outside');
    const empty = oid(await here.git('hash-object', '-t', 'tree', '/dev/null'));
    await here.repository.restoreTree(here.lock, from, empty);
    expect(fs.readFileSync(path.join(outside, 'b.txt'), 'utf8')).toBe('outside');
    await expect(here.repository.restoreTree(here.lock, empty, from)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(fs.readFileSync(path.join(outside, 'b.txt'), 'utf8')).toBe('outside');
  });

  test.each([
    [
      'an ignored file',
      (h: Place) => {
        h.write('gone.txt', 'mine');
        h.write('.gitignore', 'gone.txt\n');
      },
    ],
    [
      'a folder with ignored files in place of a file',
      (h: Place) => {
        h.write('gone.txt/x.log', 'mine');
      },
    ],
  ])('refuses to overwrite %s, and has then changed nothing', async (_, change) => {
    const here = await withCommit();
    here.write('gone.txt', 'was there');
    const to = await capture(here);
    fs.rmSync(path.join(here.top, 'gone.txt'));
    here.write('a.txt', 'changed');
    change(here);
    const from = await capture(here);
    const before = await here.state();
    await expect(here.repository.restoreTree(here.lock, from, to)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('gone.txt') as string,
    });
    expect(await here.state()).toEqual(before);
  });

  test('without the lock nothing changes', async () => {
    const here = await withCommit();
    const to = await capture(here);
    here.write('a.txt', 'x');
    const from = await capture(here);
    here.lock.lose();
    await expect(here.repository.restoreTree(here.lock, from, to)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(here.read('a.txt')).toBe('x');
  });
});

describe('changes', () => {
  test('names what differs from HEAD, staged or not, and nothing of .weld', async () => {
    const here = await withCommit();
    here.write('a.txt', 'x');
    here.write('s.txt', 's');
    here.write('.weld/config.toml', '');
    await here.git('add', 's.txt');
    here.write('u.txt', 'u');
    expect(await here.repository.changes()).toEqual([
      { path: 'a.txt', staged: false },
      { path: 's.txt', staged: true },
      { path: 'u.txt', staged: false },
    ]);
    expect(await (await place()).repository.changes()).toEqual([]);
  });
});
