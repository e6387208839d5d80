import { expect, test } from 'vitest';
import { namingTheLargest, patch } from '../../../../src/core/git/diff';
import { oid } from '../../../../src/core/git/oid';
import { GitRunner } from '../../../../src/core/git/runGit';
import { programs, withCommit } from './support';

test('a patch that is too large names the file that makes it so', async () => {
  const here = await withCommit();
  here.write('a.txt', 'small\n');
  here.write('dir/large.txt', 'line\n'.repeat(100_000));
  await here.git('add', '--all');
  const to = oid(await here.git('write-tree'));
  const git = new GitRunner(here.top, programs);
  const gitDir = await here.git('rev-parse', '--absolute-git-dir');
  const from = oid(await here.git('rev-parse', 'HEAD^{tree}'));
  await expect(namingTheLargest(git, from, to, () => patch(git, gitDir, from, to, 64 * 1024))).rejects.toMatchObject({
    code: 'GIT_FAILED',
    message: expect.stringContaining('dir/large.txt') as string,
  });
  expect((await patch(git, gitDir, from, to)).length).toBeGreaterThan(500_000);
});
