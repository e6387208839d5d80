import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openGit } from '../../../../src/core/git/index';
import { git } from '../../../support/git';
import { temporaryFolder } from '../process/support';
import { programs, withCommit } from './support';

const { PATH } = process.env;
afterEach(() => {
  process.env['PATH'] = PATH;
});

describe('openGit', () => {
  test('finds the top from a subfolder and through a link', async () => {
    const here = await withCommit();
    expect((await openGit(path.join(here.top, 'dir'), programs)).top).toBe(here.top);
    const link = path.join(temporaryFolder(), 'link');
    fs.symlinkSync(here.top, link);
    expect((await openGit(link, programs)).top).toBe(here.top);
    expect(await here.repository.version()).toMatch(/^git version \d/);
  });

  test('says what a folder is that is no work tree', async () => {
    const folder = temporaryFolder();
    await expect(openGit(folder, programs)).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
      message: expect.stringContaining('git init') as string,
    });
    await expect(openGit(path.join(folder, 'no'), programs)).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
    await git(folder, 'init', '-q', '--bare');
    await expect(openGit(folder, programs)).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
      message: expect.stringContaining('bare') as string,
    });
  });

  test.runIf(process.getuid?.() === 0)('a clone of another user is refused with what to do', async () => {
    const here = await withCommit();
    fs.chownSync(here.top, 12345, 12345);
    fs.chownSync(path.join(here.top, '.git'), 12345, 12345);
    await expect(openGit(here.top, programs)).rejects.toMatchObject({
      code: 'UNSAFE_REPOSITORY',
      message: expect.stringContaining(`safe.directory ${here.top}`) as string,
    });
  });

  test('git missing', async () => {
    const here = await withCommit();
    process.env['PATH'] = temporaryFolder();
    await expect(openGit(here.top, programs)).rejects.toMatchObject({ code: 'GIT_MISSING' });
  });

  test('variables that a hook would set do not lead elsewhere', async () => {
    const here = await withCommit();
    const other = await withCommit();
    process.env['GIT_DIR'] = path.join(other.top, '.git');
    process.env['GIT_INDEX_FILE'] = path.join(other.top, '.git/index');
    try {
      expect((await openGit(here.top, programs)).top).toBe(here.top);
    } finally {
      delete process.env['GIT_DIR'];
      delete process.env['GIT_INDEX_FILE'];
    }
  });
});
