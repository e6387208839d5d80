import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Oid } from '../../../../src/core/git/git';
import { git } from '../../../support/git';
import { heldLock, temporaryFolder } from '../process/support';
import { at, type Place, place, withCommit } from './support';

/** Captures, and checks that only the private index was changed. */
async function capture(
  here: Place,
  include?: string[],
): Promise<{ tree: Oid; leftOut: readonly { path: string; why: string }[]; files: string[] }> {
  const before = await here.state();
  const { tree, leftOut } = await here.repository.captureTree(here.lock, include ? { include } : {});
  expect(await here.state()).toEqual(before);
  return { tree, leftOut, files: await here.files(tree) };
}

describe('captureTree', () => {
  test('a clean work tree is the tree of HEAD', async () => {
    const here = await withCommit();
    expect((await capture(here)).tree).toBe(await here.repository.headTree());
  });

  test('has changed, untracked and staged files and no deleted, ignored or .weld ones', async () => {
    const here = await withCommit();
    here.write('a.txt', 'changed\n');
    here.write('new/file.txt', 'n\n');
    here.write('staged.txt', 's\n');
    await here.git('add', 'staged.txt');
    here.write('staged.txt', 'later\n');
    fs.rmSync(path.join(here.top, 'dir/b.txt'));
    here.write('ignored/x', 'x');
    here.write('y.log', 'y');
    here.write('.weld/runs/r/meta.json', '{}');
    const { tree, files, leftOut } = await capture(here);
    expect(files).toEqual(['.gitignore', 'a.txt', 'new/file.txt', 'staged.txt']);
    expect(leftOut).toEqual([]);
    expect(Buffer.from((await here.repository.readFile(tree, 'staged.txt')) ?? []).toString()).toBe('later\n');
    expect(Buffer.from((await here.repository.readFile(tree, 'a.txt')) ?? []).toString()).toBe('changed\n');
  });

  test('the second capture sees what changed since the first, and what was undone', async () => {
    const here = await withCommit();
    const first = await capture(here);
    here.write('a.txt', 'b\n'); // the same size, perhaps within the same tick
    here.write('u.txt', 'u\n');
    const second = await capture(here);
    expect(second.files).toContain('u.txt');
    expect(second.tree).not.toBe(first.tree);
    here.write('a.txt', 'a\n');
    fs.rmSync(path.join(here.top, 'u.txt'));
    expect((await capture(here)).tree).toBe(first.tree);
  });

  test('a change of the same size right after the commit is seen', async () => {
    const here = await place();
    for (let i = 0; i < 5; i++) {
      here.write('a.txt', `${i}\n`);
      await here.git('add', '-A');
      await here.git('commit', '-q', '-m', String(i));
      here.write('a.txt', `${String.fromCharCode(97 + i)}\n`);
      const { tree } = await here.repository.captureTree(here.lock);
      expect(Buffer.from((await here.repository.readFile(tree, 'a.txt')) ?? []).toString()).toBe(
        `${String.fromCharCode(97 + i)}\n`,
      );
    }
  });

  test('a file as young as the index is compared by content, in the copy as in the original', async () => {
    const here = await place();
    await here.git('config', 'core.trustctime', 'false');
    const file = path.join(here.top, 'a.txt');
    const then = new Date('2026-01-05T12:00:00Z');
    here.write('a.txt', 'a\n');
    fs.utimesSync(file, then, then);
    await here.git('add', '-A');
    fs.utimesSync(path.join(here.top, '.git/index'), then, then);
    here.write('a.txt', 'b\n');
    fs.utimesSync(file, then, then);
    const { tree } = await here.repository.captureTree(here.lock);
    expect(Buffer.from((await here.repository.readFile(tree, 'a.txt')) ?? []).toString()).toBe('b\n');
  });

  test('a file that a new rule ignores leaves the tree', async () => {
    const here = await withCommit();
    here.write('out/x.txt', 'x');
    expect((await capture(here)).files).toContain('out/x.txt');
    here.write('.gitignore', 'ignored/\n*.log\nout/\n');
    expect((await capture(here)).files).not.toContain('out/x.txt');
  });

  test('a file that a new rule beside it ignores leaves the tree, and comes back without the rule', async () => {
    const here = await withCommit();
    here.write('new/deep/file.txt', 'n\n');
    const all = (await capture(here)).files;
    expect(all).toContain('new/deep/file.txt');
    here.write('new/.gitignore', 'deep/\n');
    expect((await capture(here)).files).not.toContain('new/deep/file.txt');
    fs.rmSync(path.join(here.top, 'new/.gitignore'));
    expect((await capture(here)).files).toEqual(all);
  });

  test('a tracked file that is also ignored stays in', async () => {
    const here = await withCommit();
    await capture(here);
    here.write('forced.log', '1');
    await here.git('add', '-f', 'forced.log');
    expect((await capture(here)).files).toContain('forced.log');
  });

  test('large and secret untracked files are named and left out until included', async () => {
    const here = await withCommit();
    here.write('big.bin', Buffer.alloc(1_000_001));
    here.write('fits.bin', Buffer.alloc(1_000_000));
    here.write('conf/.env', 'PASSWORD=x');
    here.write('.env.example', 'PASSWORD=');
    here.write('server.key', 'k');
    const all = await capture(here);
    expect([...all.leftOut].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'big.bin', why: 'large' },
      { path: 'conf/.env', why: 'secret' },
      { path: 'server.key', why: 'secret' },
    ]);
    expect(all.files).toEqual(['.env.example', '.gitignore', 'a.txt', 'dir/b.txt', 'fits.bin']);
    expect((await capture(here, ['big.bin'])).files).toContain('big.bin');
    expect((await capture(here)).files).not.toContain('big.bin');
    here.write('fits.bin', Buffer.alloc(1_000_001));
    const grown = await capture(here);
    expect(grown.files).not.toContain('fits.bin');
    expect(grown.leftOut).toContainEqual({ path: 'fits.bin', why: 'large' });
    expect((await capture(here)).leftOut).toContainEqual({ path: 'fits.bin', why: 'large' });
  });

  test('a large or secret file that is tracked stays in', async () => {
    const here = await withCommit();
    here.write('big.bin', Buffer.alloc(2_000_000));
    here.write('.env', 'X=1');
    await here.git('add', '-A');
    const { files, leftOut } = await capture(here);
    expect(files).toEqual(expect.arrayContaining(['.env', 'big.bin']));
    expect(leftOut).toEqual([]);
  });

  test('.weld is never in the tree, not even where a team tracks a part of it', async () => {
    const here = await withCommit();
    here.write('.weld/config.toml', '[checks]\n');
    await here.git('add', '-f', '.weld/config.toml');
    await here.git('commit', '-q', '-m', 'checks');
    expect((await capture(here)).files).not.toContain('.weld/config.toml');
    here.write('.weld/config.toml', '[loop]\n');
    expect((await capture(here)).files).not.toContain('.weld/config.toml');
  });

  test.each([
    ['without commits', 'sha1'],
    ['with SHA-256', 'sha256'],
  ])('works %s', async (_, format) => {
    const here = await place(`--object-format=${format}`);
    expect((await capture(here)).files).toEqual([]);
    expect((await capture(here)).tree).toBe(await here.repository.headTree());
    here.write('x', 'x');
    expect((await capture(here)).files).toEqual(['x']);
    expect(await here.repository.head()).toEqual({ sha: null, branch: 'main' });
    expect((await here.repository.headAndRefs()).refs.all()).toEqual([]);
  });

  test('works on a detached HEAD, in a linked work tree and from a subfolder', async () => {
    const here = await withCommit();
    await here.git('checkout', '-q', '--detach');
    here.write('x', 'x');
    expect((await capture(here)).files).toContain('x');
    const sha = await here.git('rev-parse', 'HEAD');
    expect(await here.repository.head()).toEqual({ sha, branch: null });
    const { tree } = await capture(here);
    await here.repository.writeRef(here.lock, 'refs/weld/run/01', tree, 'create');
    expect((await here.repository.headAndRefs()).refs.all()).toEqual([{ name: 'refs/weld/run/01', oid: tree }]);
    await here.git('checkout', '-q', '-b', 'feature/x');
    for (const read of [here.repository.head(), here.repository.headAndRefs().then(({ head }) => head)])
      expect(await read).toEqual({ sha, branch: 'feature/x' });
    await here.git('checkout', '-q', '--detach');
    const other = path.join(temporaryFolder(), 'linked');
    await here.git('worktree', 'add', '-q', other);
    const linked = await at(path.join(other, 'dir'));
    expect(linked.repository.top).toBe(other);
    const there = await at(other);
    there.write('only-there', '1');
    expect((await capture(there)).files).toContain('only-there');
  });

  test('odd names: blanks, quotes, newlines, dashes, letters of other scripts, bytes like pathspecs', async () => {
    const here = await withCommit();
    const names = [' lead', 'a "b" c', 'new\nline', '-dash', 'käse/日本.txt', ':(exclude)x', '*', 'tab\there'];
    for (const name of names) here.write(name, name);
    expect((await capture(here)).files).toEqual(expect.arrayContaining(names));
    for (const name of names) fs.rmSync(path.join(here.top, name));
    expect((await capture(here)).tree).toBe(await here.repository.headTree());
  });

  test('symbolic links are kept as links; a folder that became a link, and back', async () => {
    const here = await withCommit();
    const first = await capture(here);
    fs.symlinkSync('/etc/passwd', path.join(here.top, 'link'));
    fs.rmSync(path.join(here.top, 'dir'), { recursive: true });
    const outside = temporaryFolder();
    fs.writeFileSync(path.join(outside, 'b.txt'), 'outside');
    fs.symlinkSync(outside, path.join(here.top, 'dir'));
    const { tree, files } = await capture(here);
    expect(files).toEqual(['.gitignore', 'a.txt', 'dir', 'link']);
    expect(Buffer.from((await here.repository.readFile(tree, 'link')) ?? []).toString()).toBe('/etc/passwd');
    fs.rmSync(path.join(here.top, 'dir'));
    fs.rmSync(path.join(here.top, 'link'));
    here.write('dir/b.txt', 'b\n');
    expect((await capture(here)).tree).toBe(first.tree);
  });

  test('a file that became a folder, and a mode that changed', async () => {
    const here = await withCommit();
    await capture(here);
    fs.rmSync(path.join(here.top, 'a.txt'));
    here.write('a.txt/inside', '1');
    fs.chmodSync(path.join(here.top, 'dir/b.txt'), 0o755);
    const { tree, files } = await capture(here);
    expect(files).toEqual(['.gitignore', 'a.txt/inside', 'dir/b.txt']);
    expect(await here.git('ls-tree', '-r', tree, 'dir/b.txt')).toContain('100755');
  });

  test('submodules are links to their commits; a repository that is none of ours stays out', async () => {
    const here = await withCommit();
    const other = await withCommit();
    await here.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other.top, 'sub');
    await here.git('commit', '-q', '-m', 'sub');
    await git(path.join(here.top, 'sub'), 'commit', '-q', '--allow-empty', '-m', 'more');
    here.write('sub/dirty.txt', 'd');
    fs.mkdirSync(path.join(here.top, 'embedded'));
    await git(path.join(here.top, 'embedded'), 'init', '-q');
    here.write('embedded/x', 'x');
    const { tree, files } = await capture(here);
    expect(files).toEqual(['.gitignore', '.gitmodules', 'a.txt', 'dir/b.txt', 'sub']);
    expect(await here.git('ls-tree', tree, 'sub')).toContain(
      await git(path.join(here.top, 'sub'), 'rev-parse', 'HEAD'),
    );
  });

  test.each(['--assume-unchanged', '--skip-worktree'])(
    'a file that git is told to overlook (%s) is seen; the index of the person stays',
    async (flag) => {
      const here = await withCommit();
      await here.git('update-index', flag, 'a.txt');
      here.write('a.txt', 'changed\n');
      const before = await here.state();
      const { tree } = await here.repository.captureTree(here.lock);
      expect(await here.git('show', `${tree}:a.txt`)).toBe('changed');
      expect(await here.state()).toEqual(before);
    },
  );

  test.each([[[]], [['--sparse-index']]])('a sparse checkout keeps what is not checked out %s', async (options) => {
    const here = await withCommit();
    here.write('far/c.txt', 'c');
    await here.git('add', '-A');
    await here.git('commit', '-q', '-m', 'far');
    const whole = await here.repository.headTree();
    await here.git('sparse-checkout', 'set', '--cone', ...options, 'dir');
    expect(here.has('far/c.txt')).toBe(false);
    expect((await capture(here)).tree).toBe(whole);
    here.write('dir/b.txt', 'changed');
    here.write('far/new.txt', 'n');
    expect((await capture(here)).files).toEqual(['.gitignore', 'a.txt', 'dir/b.txt', 'far/c.txt', 'far/new.txt']);
  });

  test('merge conflicts are captured as they stand in the files', async () => {
    const here = await withCommit();
    await here.git('checkout', '-q', '-b', 'other');
    here.write('a.txt', 'theirs\n');
    await here.git('commit', '-qam', 'theirs');
    await here.git('checkout', '-q', 'main');
    here.write('a.txt', 'ours\n');
    await here.git('commit', '-qam', 'ours');
    await here.git('merge', 'other').catch(() => undefined);
    const { tree } = await capture(here);
    expect(Buffer.from((await here.repository.readFile(tree, 'a.txt')) ?? []).toString()).toContain('<<<<<<<');
  });

  test('another epoch begins with an index of its own and leaves one', async () => {
    const here = await withCommit();
    await capture(here);
    here.write('z', 'z');
    const later = heldLock(here.top, { epoch: 8 });
    expect(await here.files((await here.repository.captureTree(later)).tree)).toContain('z');
    expect(fs.readdirSync(path.join(here.top, '.git/weld'))).toHaveLength(1);
  });

  test('without the lock nothing is written', async () => {
    const here = await withCommit();
    here.lock.lose();
    await expect(here.repository.captureTree(here.lock)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(here.has('.git/weld')).toBe(false);
  });

  test('split index, untracked cache and file system monitor of the person do not matter', async () => {
    const here = await withCommit();
    await here.git('config', 'core.splitIndex', 'true');
    await here.git('config', 'core.untrackedCache', 'true');
    await here.git('config', 'core.fsmonitor', '/bin/false');
    await here.git('update-index', '--split-index', '--untracked-cache');
    here.write('a.txt', 'changed');
    here.write('u', 'u');
    expect((await capture(here)).files).toEqual(['.gitignore', 'a.txt', 'dir/b.txt', 'u']);
  });

  test("someone's index.lock does not matter to a capture", async () => {
    const here = await withCommit();
    fs.writeFileSync(path.join(here.top, '.git/index.lock'), '');
    here.write('u', 'u');
    expect((await here.repository.captureTree(here.lock)).tree).not.toBe(await here.repository.headTree());
  });
});
