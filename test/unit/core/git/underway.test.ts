import { describe, expect, test } from 'vitest';
import { oid } from '../../../../src/core/git/oid';
import { git } from '../../../support/git';
import { type Place, withCommit } from './support';

/** Two branches that each changed a file of their own, and both changed a third. */
async function branches(): Promise<Place> {
  const here = await withCommit();
  here.write('.weld/config.toml', 'base');
  await here.git('add', '--force', '.weld/config.toml');
  await here.git('commit', '-qm', 'shared checks');
  await here.git('checkout', '-q', '-b', 'other');
  here.write('a.txt', 'theirs\n');
  here.write('theirs', 't');
  here.write('.weld/config.toml', 'theirs');
  await here.git('add', '--all', '--force');
  await here.git('commit', '-qm', 'theirs', '--author', 'Other <o@x>');
  await here.git('checkout', '-q', 'main');
  here.write('a.txt', 'ours\n');
  await here.git('commit', '-qam', 'ours');
  return here;
}

const STATES: readonly (readonly [string, readonly string[]])[] = [
  ['merge', ['merge', 'other']],
  ['cherry-pick', ['cherry-pick', 'other']],
  ['revert', ['revert', '--no-edit', 'HEAD~2']],
  ['rebase', ['rebase', 'other']],
  ['am', ['am', '.git/patch']],
];

async function begin(here: Place, args: readonly string[]): Promise<void> {
  if (args[0] === 'am') here.write('.git/patch', `${await here.git('format-patch', '--stdout', '-1', 'other')}\n`);
  if (args[0] === 'revert') {
    // The reverted commit's file has been changed since.
    here.write('dir/b.txt', 'one\n');
    await here.git('commit', '-qam', 'one');
    here.write('dir/b.txt', 'two\n');
    await here.git('commit', '-qam', 'two');
    here.write('dir/b.txt', 'three\n');
    await here.git('commit', '-qam', 'three');
    await git(here.top, 'revert', '--no-edit', 'HEAD~1').catch(() => undefined);
    return;
  }
  await git(here.top, ...args).catch(() => undefined);
}

describe('while git is in the midst of something', () => {
  test.each(STATES)('a part is not committed: %s', async (name, args) => {
    const here = await branches();
    await begin(here, args);
    const trees = {
      base: oid(await here.git('rev-parse', 'HEAD^{tree}')),
      tree: oid(await here.git('rev-parse', 'other^{tree}')),
    };
    for (const file of ['a.txt', 'dir/b.txt']) here.write(file, 'resolved\n');
    await here.git('add', '--update');
    here.write('u', 'u');
    const before = await here.state();
    const onto = (await here.repository.head()).sha;
    const passed = { ...(await here.repository.mergeSteps(here.lock, onto, [trees])), onto };
    for (const what of [['a.txt'], ['u'], passed])
      await expect(here.repository.commit(here.lock, { message: 'x', what, trailers: [] })).rejects.toMatchObject({
        code: 'GIT_FAILED',
        message: expect.stringMatching(new RegExp(`${name} is in progress.*${name}`, 'u')) as string,
      });
    expect(await here.state()).toEqual(before);
  });

  test.each(['staged', 'all'] as const)(
    'the whole concludes a merge, with both parents and what is shared of .weld: %s',
    async (what) => {
      const here = await branches();
      const [ours, theirs] = [await here.git('rev-parse', 'main'), await here.git('rev-parse', 'other')];
      await begin(here, ['merge', 'other']);
      here.write('a.txt', 'resolved\n');
      await here.git('add', 'a.txt');
      await here.repository.commit(here.lock, { message: 'merged', what, trailers: [] });
      expect(await here.git('log', '-1', '--format=%P')).toBe(`${ours} ${theirs}`);
      expect(await here.git('show', 'HEAD:a.txt', 'HEAD:theirs', 'HEAD:.weld/config.toml')).toBe('resolved\nttheirs');
      expect(here.has('.git/MERGE_HEAD')).toBe(false);
      expect(await here.git('status', '--porcelain', '--untracked-files=no')).toBe('');
    },
  );

  test('a merge whose result is what HEAD has is concluded too', async () => {
    const here = await branches();
    await git(here.top, 'merge', '--no-commit', '--strategy=ours', 'other');
    await here.repository.commit(here.lock, { message: 'merged', what: 'staged', trailers: [] });
    expect((await here.git('log', '-1', '--format=%P')).split(' ')).toHaveLength(2);
  });

  test('the whole concludes a cherry-pick as git does, with its author', async () => {
    const here = await branches();
    await begin(here, ['cherry-pick', 'other']);
    here.write('a.txt', 'resolved\n');
    await here.git('add', 'a.txt');
    await here.repository.commit(here.lock, { message: 'picked', what: 'staged', trailers: [] });
    expect(await here.git('log', '-1', '--format=%an %s')).toBe('Other picked');
    expect(here.has('.git/CHERRY_PICK_HEAD')).toBe(false);
  });

  test('a bisection takes commits, as git does', async () => {
    const here = await branches();
    await here.git('bisect', 'start');
    here.write('a.txt', 'x\n');
    await here.repository.commit(here.lock, { message: 'x', what: ['a.txt'], trailers: [] });
    expect(await here.git('show', 'HEAD:a.txt')).toBe('x');
  });

  test('in a linked work tree only its own state counts', async () => {
    const here = await branches();
    await begin(here, ['merge', 'other']);
    const linked = `${here.top}-linked`;
    await here.git('worktree', 'add', '-q', linked, 'other');
    const { at } = await import('./support');
    const there = await at(linked);
    there.write('u', 'u');
    await there.repository.commit(there.lock, { message: 'x', what: ['u'], trailers: [] });
    expect(await there.git('show', '--name-only', '--format=')).toBe('u');
    await here.git('worktree', 'remove', '--force', linked);
  });
});
