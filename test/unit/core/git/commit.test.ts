import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommitRequest, Git } from '../../../../src/core/git/index';
import { git } from '../../../support/git';
import { alive, filesIn, pidIn } from '../process/support';
import { type Place, place, withCommit } from './support';

const trailers = [{ key: 'Weld-Run', value: '.weld/runs/20260105-120000-x' }];
const commit = (
  here: Place,
  what: CommitRequest['what'],
  more: Partial<CommitRequest> = {},
): ReturnType<Git['commit']> =>
  here.repository.commit(here.lock, { message: 'Subject\n\nBody\n', what, trailers: [], ...more });

function hook(here: Place, name: string, script: string): void {
  here.write(`.git/hooks/${name}`, `#!/bin/sh\n${script}\n`);
  fs.chmodSync(path.join(here.top, '.git/hooks', name), 0o755);
}

const committed = async (here: Place): Promise<string[]> =>
  (await here.git('show', '--name-only', '--format=', 'HEAD')).split('\n').filter((line) => line !== '');
const porcelain = (here: Place): Promise<string> => here.git('status', '--porcelain');
/** The private index leaves no files behind. */
const leftovers = (here: Place): string[] => filesIn(path.join(here.top, '.git/weld'));

describe('commit', () => {
  test('staged: the index as it stands, and no more', async () => {
    const here = await withCommit();
    here.write('a.txt', 'staged\n');
    await here.git('add', 'a.txt');
    here.write('a.txt', 'later\n');
    here.write('dir/b.txt', 'not staged\n');
    const { sha } = await commit(here, 'staged');
    expect(sha).toBe(await here.git('rev-parse', 'HEAD'));
    expect(await here.git('show', 'HEAD:a.txt')).toBe('staged');
    expect(await committed(here)).toEqual(['a.txt']);
    expect(await porcelain(here)).toBe(' M a.txt\n M dir/b.txt');
    expect(leftovers(here)).toEqual([]);
  });

  test('all: every change, untracked and deleted too, without large and secret untracked files', async () => {
    const here = await withCommit();
    here.write('new.txt', 'n');
    here.write('.env', 'X=1');
    here.write('big', Buffer.alloc(1_000_001));
    fs.rmSync(path.join(here.top, 'dir/b.txt'));
    const { leftOut } = await commit(here, 'all');
    expect(leftOut).toEqual([
      { path: '.env', why: 'secret' },
      { path: 'big', why: 'large' },
    ]);
    expect(await committed(here)).toEqual(['dir/b.txt', 'new.txt']);
    expect(await porcelain(here)).toBe('?? .env\n?? big');
  });

  test('all: what the person added to git goes along, however large or secret', async () => {
    const here = await withCommit();
    here.write('.env', 'X=1');
    here.write('big', Buffer.alloc(1_000_001));
    await here.git('add', '--intent-to-add', '.env');
    await here.git('add', 'big');
    expect((await commit(here, 'all')).leftOut).toEqual([]);
    expect(await committed(here)).toEqual(['.env', 'big']);
    expect(await porcelain(here)).toBe('');
  });

  test('chosen files and folders; what else is staged stays staged', async () => {
    const here = await withCommit();
    here.write('a.txt', 'x');
    here.write('dir/b.txt', 'staged');
    here.write('dir/new\nline', 'n');
    here.write('s.txt', 's');
    await here.git('add', 's.txt', 'dir/b.txt');
    here.write('dir/b.txt', 'later');
    await commit(here, ['a.txt', 'dir']);
    expect((await here.git('show', '-z', '--name-only', '--format=', 'HEAD')).split('\0').filter(Boolean)).toEqual([
      'a.txt',
      'dir/b.txt',
      'dir/new\nline',
    ]);
    expect(await here.git('show', 'HEAD:dir/b.txt')).toBe('later');
    expect(await porcelain(here)).toBe('A  s.txt');
  });

  test.each([
    ['that is not there', ['no.txt'], 'INVALID_ARGUMENT'],
    ['that git ignores', ['x.log'], 'INVALID_ARGUMENT'],
    ['outside', ['../x'], 'OUTSIDE_REPOSITORY'],
    ['of .weld', ['.weld/config.toml', './.weld'], 'NOTHING_TO_COMMIT'],
    ['that did not change', ['a.txt'], 'NOTHING_TO_COMMIT'],
    ['that is a pathspec', [':/'], 'INVALID_ARGUMENT'],
  ])('a chosen file %s', async (_, what, code) => {
    const here = await withCommit();
    here.write('x.log', 'x');
    here.write('.weld/config.toml', 'x');
    here.write('dir/b.txt', 'x');
    await here.git('add', '-A');
    const before = await here.state();
    await expect(commit(here, what)).rejects.toMatchObject({ code });
    expect(await here.state()).toEqual(before);
    expect(leftovers(here)).toEqual([]);
  });

  test('the first commit of a repository', async () => {
    const here = await place();
    here.write('a', 'a');
    await expect(commit(here, 'staged')).rejects.toMatchObject({ code: 'NOTHING_TO_COMMIT' });
    await commit(here, 'all', { trailers });
    expect(await committed(here)).toEqual(['a']);
    expect(await porcelain(here)).toBe('');
  });

  test('on a detached HEAD, and in a SHA-256 repository', async () => {
    const here = await withCommit('--object-format=sha256');
    await here.git('checkout', '-q', '--detach');
    here.write('a.txt', 'x');
    expect((await commit(here, 'all')).sha).toMatch(/^[0-9a-f]{64}$/);
    expect(await porcelain(here)).toBe('');
  });

  test('trailers stand at the end, once, whatever the message looks like', async () => {
    const here = await withCommit();
    here.write('a.txt', 'x');
    await commit(here, 'all', {
      message: 'Subject # no comment\n\n# a heading\n---\nkey: not a trailer\n\nSigned-off-by: me <m@x>',
      trailers: [...trailers, { key: 'Claude-Transcript', value: '/t/ö.jsonl' }],
    });
    const body = await here.git('log', '-1', '--format=%B');
    expect(body.trimEnd()).toBe(
      'Subject # no comment\n\n# a heading\n---\nkey: not a trailer\n\nSigned-off-by: me <m@x>\nWeld-Run: ' +
        '.weld/runs/20260105-120000-x\nClaude-Transcript: /t/ö.jsonl',
    );
    expect(await here.git('log', '-1', '--format=%(trailers:key=Weld-Run,valueonly)')).toBe(
      '.weld/runs/20260105-120000-x',
    );
  });

  test('an empty message and a trailer that is none', async () => {
    const here = await withCommit();
    here.write('a.txt', 'x');
    await expect(commit(here, 'all', { message: ' \n' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(commit(here, 'all', { trailers: [{ key: 'x y', value: '' }] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  test('.weld never goes along, staged or tracked', async () => {
    const here = await withCommit();
    here.write('.weld/config.toml', 'one');
    await here.git('add', '-f', '.weld');
    await here.git('commit', '-qm', 'shared checks');
    here.write('.weld/config.toml', 'two');
    here.write('.weld/other', 'o');
    await here.git('add', '-f', '.weld');
    await expect(commit(here, 'staged')).rejects.toMatchObject({ code: 'NOTHING_TO_COMMIT' });
    here.write('a.txt', 'x');
    await commit(here, 'all');
    expect(await committed(here)).toEqual(['a.txt']);
    expect(await here.git('show', 'HEAD:.weld/config.toml')).toBe('one');
    expect(await porcelain(here)).toBe('M  .weld/config.toml\nA  .weld/other');
  });

  test.each([['pre-commit'], ['prepare-commit-msg'], ['commit-msg']])(
    'a failing %s hook: its last line, and everything as before',
    async (name) => {
      const here = await withCommit();
      hook(
        here,
        name,
        'git status > /dev/null; git rev-parse nonsense 2> /dev/null; echo first; echo "the reason is Ö" >&2; exit 7',
      );
      here.write('a.txt', 'staged');
      await here.git('add', 'a.txt');
      here.write('u.txt', 'u');
      const before = await here.state();
      for (const what of ['staged', 'all', ['a.txt']] as const)
        await expect(commit(here, what)).rejects.toMatchObject({
          code: 'HOOK_FAILED',
          message: `The ${name} hook refused the commit: the reason is Ö`,
        });
      expect(await here.state()).toEqual(before);
      expect(leftovers(here)).toEqual([]);
    },
  );

  test('a hook that fails after it changed the index', async () => {
    const here = await withCommit();
    hook(here, 'pre-commit', 'echo x > made; git add made; git rm -q --cached dir/b.txt; exit 1');
    here.write('a.txt', 'x');
    const before = await here.state();
    await expect(commit(here, 'all')).rejects.toMatchObject({ code: 'HOOK_FAILED' });
    expect((await here.state())['index']).toBe(before['index']);
  });

  test('what a hook adds is committed and staged nowhere afterwards', async () => {
    const here = await withCommit();
    hook(here, 'pre-commit', 'echo formatted > a.txt; git add a.txt');
    here.write('a.txt', 'raw');
    here.write('s.txt', 's');
    await here.git('add', 's.txt');
    await commit(here, ['a.txt']);
    expect(await here.git('show', 'HEAD:a.txt')).toBe('formatted');
    expect(await porcelain(here)).toBe('A  s.txt');
  });

  test.each([['all' as const], ['staged' as const]])(
    'a hook that formats and adds leaves index and files equal to HEAD: %s',
    async (what) => {
      const here = await withCommit();
      hook(
        here,
        'pre-commit',
        'for file in $(git diff --cached --name-only); do echo formatted > $file; git add $file; done',
      );
      here.write('a.txt', 'raw');
      here.write('new.txt', 'raw');
      if (what === 'staged') await here.git('add', '--all');
      await commit(here, what);
      expect(await here.git('show', 'HEAD:a.txt', 'HEAD:new.txt')).toBe('formatted\nformatted');
      expect(await here.git('diff-index', '--cached', 'HEAD')).toBe('');
      expect(await porcelain(here)).toBe('');
    },
  );

  test.each([['staged' as const], [['a.txt']], ['all' as const]])(
    'beside a file that is only to be added one day: %s',
    async (what) => {
      const here = await withCommit();
      here.write('one-day', 'content');
      await here.git('add', '--intent-to-add', 'one-day');
      here.write('a.txt', 'x');
      await here.git('add', 'a.txt');
      await commit(here, what);
      expect(await committed(here)).toEqual(what === 'all' ? ['a.txt', 'one-day'] : ['a.txt']);
      expect(await porcelain(here)).toBe(what === 'all' ? '' : ' A one-day');
    },
  );

  test('what the person stages in a committed file while hooks run stays staged', async () => {
    const here = await withCommit();
    hook(here, 'pre-commit', 'echo mine > a.txt; env -u GIT_INDEX_FILE git add a.txt');
    here.write('a.txt', 'x');
    await commit(here, 'all');
    expect(await here.git('show', 'HEAD:a.txt', ':a.txt')).toBe('xmine');
  });

  test('hooks that only look are run, and see the message', async () => {
    const here = await withCommit();
    hook(here, 'commit-msg', 'grep -q "^Weld-Run: " "$1" || exit 1; echo "Added-By: hook" >> "$1"');
    hook(here, 'post-commit', 'echo done > .git/seen; exit 1');
    here.write('a.txt', 'x');
    await commit(here, 'all', { trailers });
    expect(await here.git('log', '-1', '--format=%(trailers:key=Added-By,valueonly)')).toBe('hook');
    expect(here.has('.git/seen')).toBe(true);
  });

  test('cancel ends the hook and leaves everything as before', async () => {
    const here = await withCommit();
    hook(here, 'pre-commit', 'setsid sh -c "echo \\$\\$ > .git/pid; exec sleep 300" & sleep 300');
    here.write('a.txt', 'x');
    const before = await here.state();
    const cancel = new AbortController();
    const running = commit(here, 'all', { signal: cancel.signal }).catch((error: unknown) => error);
    const pid = await pidIn(path.join(here.top, '.git/pid'));
    cancel.abort();
    expect(await running).toMatchObject({ code: 'CANCELLED' });
    expect(alive(pid)).toBe(false);
    expect(await here.state()).toEqual(before);
    expect(leftovers(here)).toEqual([]);
  });

  test("someone's index.lock: refused at once, and said which file", async () => {
    const here = await withCommit();
    here.write('a.txt', 'x');
    here.write('.git/index.lock', '');
    await expect(commit(here, 'all')).rejects.toMatchObject({
      code: 'GIT_LOCKED',
      message: expect.stringContaining('.git/index.lock') as string,
    });
    expect(await here.git('rev-list', '--count', 'HEAD')).toBe('1');
  });

  test('an index.lock that appears during the commit is waited for', async () => {
    const here = await withCommit();
    hook(here, 'post-commit', 'touch .git/index.lock; (sleep 0.5; rm .git/index.lock) > /dev/null 2>&1');
    hook(here, 'pre-commit', 'true');
    here.write('a.txt', 'x');
    await commit(here, 'all');
    expect(await porcelain(here)).toBe('');
  });

  test('what the person stages while hooks run stays staged', async () => {
    const here = await withCommit();
    hook(here, 'pre-commit', 'echo s > s.txt; env -u GIT_INDEX_FILE git add s.txt');
    here.write('a.txt', 'x');
    await commit(here, ['a.txt']);
    expect(await committed(here)).toEqual(['a.txt']);
    expect(await porcelain(here)).toBe('A  s.txt');
  });

  test('nobody known, conflicts, a signature that fails: a sentence, and everything as before', async () => {
    const here = await withCommit();
    here.write('a.txt', 'x');
    await here.git('config', 'commit.gpgSign', 'true');
    await here.git('config', 'gpg.program', '/bin/false');
    const before = await here.state();
    await expect(commit(here, 'all')).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('gpg') as string,
    });
    await here.git('config', 'user.useConfigOnly', 'true');
    const { GIT_CONFIG_GLOBAL } = process.env;
    process.env['GIT_CONFIG_GLOBAL'] = '/dev/null';
    await expect(commit(here, 'all')).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('user.email') as string,
    });
    process.env['GIT_CONFIG_GLOBAL'] = GIT_CONFIG_GLOBAL;
    expect(await here.state()).toEqual(before);
  });

  test('unresolved conflicts are not committed', async () => {
    const here = await withCommit();
    await here.git('checkout', '-q', '-b', 'other');
    here.write('a.txt', 'theirs');
    await here.git('commit', '-qam', 't');
    await here.git('checkout', '-q', 'main');
    here.write('a.txt', 'ours');
    await here.git('commit', '-qam', 'o');
    await git(here.top, 'merge', '-q', 'other').catch(() => undefined);
    await expect(commit(here, 'all')).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('conflict') as string,
    });
  });

  test('without the lock nothing is committed', async () => {
    const here = await withCommit();
    here.write('a.txt', 'x');
    here.lock.lose();
    const before = await here.state();
    await expect(commit(here, 'all')).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await here.state()).toEqual(before);
  });
});
