import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Oid } from '../../../../src/core/git/git';
import { sameFingerprint, statFingerprint } from '../../../../src/core/git/statFingerprint';
import { filesIn, heldLock } from '../process/support';
import { type Place, withCommit } from './support';

async function withRun(): Promise<Place> {
  const here = await withCommit();
  here.write('.weld/config.toml', '[checks]\n');
  here.write('.weld/runs/20260105-120000-x/meta.json', '{}');
  return here;
}
const KEPT = 'refs/worktree/weld/kept';

/** A new capture of the current content. */
async function capture(here: Place, epoch: number): Promise<Oid> {
  await here.git('update-ref', '-d', KEPT);
  return here.repository.keepWeld(heldLock(here.top, { epoch }));
}

describe('the tree of .weld', () => {
  test('follows what is there, through operation after operation', async () => {
    const here = await withRun();
    const first = await capture(here, 1);
    expect(await here.files(first)).toEqual(['config.toml', 'runs/20260105-120000-x/meta.json']);
    for (let epoch = 2; epoch <= 11; epoch++) expect(await capture(here, epoch)).toBe(first);
    here.write('.weld/runs/20260105-120000-x/meta.json', '{"a": 1}');
    here.write('.weld/runs/20260106-120000-y/meta.json', '{}');
    fs.rmSync(path.join(here.top, '.weld/config.toml'));
    const changed = await capture(here, 12);
    expect(await here.files(changed)).toEqual(['runs/20260105-120000-x/meta.json', 'runs/20260106-120000-y/meta.json']);
    expect(await here.git('show', `${changed}:runs/20260105-120000-x/meta.json`)).toBe('{"a": 1}');
    expect(await here.git('rev-parse', KEPT)).toBe(changed);
  });

  test('comes back only until it is stopped, and whole at the next try', async () => {
    const here = await withRun();
    const lock = heldLock(here.top, { epoch: 1 });
    const tree = await here.repository.keepWeld(lock);
    const names = await here.files(tree);
    fs.rmSync(path.join(here.top, '.weld'), { recursive: true });
    const stop = new AbortController();
    // The lock is checked before each file: Stop comes while the first one is written.
    const stopping = {
      ...lock,
      assertHeld: () => {
        stop.abort(new Error('stopped'));
      },
    };
    await expect(here.repository.bringBackWeld(stopping, tree, names, stop.signal)).rejects.toThrow('stopped');
    expect(names.filter((name) => fs.existsSync(path.join(here.top, '.weld', name)))).toEqual(names.slice(0, 1));
    await here.repository.bringBackWeld(lock, tree, names);
    expect(names.filter((name) => fs.existsSync(path.join(here.top, '.weld', name)))).toEqual(names);
  });

  test('follows within one operation too, also when all of it was removed meanwhile', async () => {
    const here = await withRun();
    const weld = path.join(here.top, '.weld');
    const first = await capture(here, 1);
    fs.rmSync(path.join(weld, 'config.toml'));
    expect(await here.files(await capture(here, 1))).toEqual(['runs/20260105-120000-x/meta.json']);
    fs.rmSync(path.join(weld, 'runs'), { recursive: true });
    expect(await here.files(await capture(here, 1))).toEqual([]);
    fs.mkdirSync(path.join(weld, 'runs'));
    expect(await here.files(await capture(here, 1))).toEqual(['runs/%folder']);
    fs.rmdirSync(path.join(weld, 'runs'));
    expect(await here.files(await capture(here, 1))).toEqual([]);
    here.write('.weld/config.toml', '[checks]\n');
    here.write('.weld/runs/20260105-120000-x/meta.json', '{}');
    expect(await capture(here, 1)).toBe(first);
  });

  test('never replaces what was kept before', async () => {
    const here = await withRun();
    const first = await capture(here, 1);
    here.write('.weld/config.toml', '[gate]\n');
    await expect(here.repository.keepWeld(heldLock(here.top, { epoch: 1 }))).rejects.toThrow(
      /fast-import failed: .*Not updating refs\/worktree\/weld\/kept/u,
    );
    expect(await here.git('rev-parse', KEPT)).toBe(first);
  });

  test('is written in parts where it is large', async () => {
    const here = await withRun();
    const parts = Array.from({ length: 5 }, (_, i) => `runs/20260105-120000-x/part${i}`);
    for (const [i, part] of parts.entries())
      fs.writeFileSync(path.join(here.top, '.weld', part), Buffer.alloc(9 * 1024 * 1024, i));
    const kept = await capture(here, 1);
    expect(await here.files(kept)).toEqual(['config.toml', 'runs/20260105-120000-x/meta.json', ...parts]);
    expect(await here.git('log', '--format=%H', KEPT)).toBe(kept);
  });

  test.each([
    [
      'one byte, its size and time as before',
      (file: string): void => {
        const { atime, mtime } = fs.statSync(file);
        fs.writeFileSync(file, '[Checks]\n');
        fs.utimesSync(file, atime, mtime);
      },
    ],
    [
      'another file put in its place, as old and as large',
      (file: string): void => {
        const { atime, mtime } = fs.statSync(file);
        fs.writeFileSync(`${file}.new`, '[Checks]\n');
        fs.utimesSync(`${file}.new`, atime, mtime);
        fs.renameSync(`${file}.new`, file);
      },
    ],
    [
      'a file beside it',
      (file: string): void => {
        fs.writeFileSync(path.join(path.dirname(file), 'runs/new'), '');
      },
    ],
    [
      'nothing but its mode',
      (file: string): void => {
        fs.chmodSync(file, 0o755);
      },
    ],
    [
      'a symbolic link in its place',
      (file: string): void => {
        fs.renameSync(file, `${file}.was`);
        fs.symlinkSync(`${file}.was`, file);
      },
    ],
    [
      'all of it gone',
      (file: string): void => {
        fs.rmSync(path.dirname(file), { recursive: true });
      },
    ],
  ])('since a tree, git is asked only when something changed: %s', async (_what, change) => {
    const here = await withRun();
    const config = path.join(here.top, '.weld/config.toml');
    fs.utimesSync(config, 1, 1);
    const first = await capture(here, 1);
    const since = (): Promise<string> => here.repository.weldSince(heldLock(here.top, { epoch: 1 }), first);
    // Without its folder, git cannot run.
    const [git, away] = [path.join(here.top, '.git'), path.join(here.top, '..', 'git-away')];
    fs.renameSync(git, away);
    expect(await since()).toBe(first);
    change(config);
    await expect(since()).rejects.toThrow();
    fs.renameSync(away, git);
    fs.mkdirSync(path.dirname(config), { recursive: true });
    expect(await since()).not.toBe(first);
  });

  test('what changes right after a look, its times as they were, is seen by its content', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-fingerprint-'));
    const file = path.join(folder, 'a');
    fs.writeFileSync(file, 'one');
    const before = await statFingerprint([file]);
    expect(sameFingerprint(before, await statFingerprint([file], { earlier: before }))).toBe(true);
    fs.writeFileSync(file, 'two');
    const after = await statFingerprint([file], { earlier: before });
    // As on a file system with times in seconds: the stat data is the same.
    expect(sameFingerprint(before, { ...after, stats: before.stats })).toBe(false);
    expect(sameFingerprint(before, { ...before, stats: after.stats })).toBe(false);
    fs.rmSync(folder, { recursive: true });
  });

  test('what may not be looked at is never taken for unchanged', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-fingerprint-'));
    const file = path.join(folder, 'loop');
    fs.symlinkSync('loop', file);
    const look = await statFingerprint([file], { follow: true });
    expect(sameFingerprint(look, await statFingerprint([file], { earlier: look, follow: true }))).toBe(false);
    const link = await statFingerprint([file]);
    expect(sameFingerprint(link, await statFingerprint([file], { earlier: link }))).toBe(true);
    fs.rmSync(folder, { recursive: true });
  });

  test(
    'what was old and is rewritten in place, its size and times as they were, is seen by the one time ' +
      'that nobody sets',
    async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-fingerprint-'));
      const file = path.join(folder, 'a');
      fs.writeFileSync(file, 'one');
      fs.utimesSync(file, 1, 1);
      const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
      const before = await statFingerprint([file]);
      expect(before.racy.size).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 20)); // a step of the file system's clock
      fs.writeFileSync(file, 'two');
      fs.utimesSync(file, 1, 1);
      expect(sameFingerprint(before, await statFingerprint([file], { earlier: before }))).toBe(false);
      later.mockRestore();
      fs.rmSync(folder, { recursive: true });
    },
  );

  test('is whole again when git has pruned what it began from, and leaves no report of that behind', async () => {
    const here = await withRun();
    const first = await capture(here, 1);
    await here.git('update-ref', '-d', KEPT);
    await here.git('prune', '--expire=now');
    await expect(here.git('cat-file', '-e', first)).rejects.toThrow();
    expect(await capture(here, 2)).toBe(first);
    expect(await here.files(first)).toHaveLength(2);
    expect(await here.git('fsck', '--connectivity-only', first)).not.toContain('missing');
    expect(filesIn(path.join(here.top, '.git')).filter((name) => name.includes('crash'))).toEqual([]);
  });
});
