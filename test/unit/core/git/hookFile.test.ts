import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Place, withCommit } from './support';

const commit = (here: Place): Promise<unknown> =>
  here.repository.commit(here.lock, { message: 'x', what: 'all', trailers: [] });

describe('a commit that cannot be made', () => {
  test.each([
    ['a first line that ends as on Windows', '#!/bin/sh\r\nexit 0\r\n', 'carriage return'],
    ['an interpreter that is not there', '#!/nowhere/python\n', '/nowhere/python, which is not installed'],
    ['lines that end as on Windows', '#!/bin/sh\nif true; then\r\n  true\r\nfi\r\n', 'carriage return'],
    ['a program that env does not find', '#!/usr/bin/env nowhere-python\n', 'nowhere-python'],
    ['a program that env does not find, as on Windows', '#!/usr/bin/env sh\r\n', 'Windows line ends'],
  ])('a hook with %s says that', async (_, script, why) => {
    const here = await withCommit();
    here.write('.git/hooks/pre-commit', script);
    fs.chmodSync(path.join(here.top, '.git/hooks/pre-commit'), 0o755);
    here.write('a.txt', 'x');
    await expect(commit(here)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: expect.stringContaining(why) as string,
    });
  });

  test('git-lfs that is missing is named, not what git says after it', async () => {
    const here = await withCommit();
    await here.git('config', 'filter.lfs.process', 'git-lfs-that-is-not-there filter-process');
    await here.git('config', 'filter.lfs.required', 'true');
    here.write('.gitattributes', '*.bin filter=lfs\n');
    here.write('x.bin', 'x');
    const before = await here.state();
    await expect(commit(here)).rejects.toMatchObject({
      code: 'PROGRAM_MISSING',
      message: expect.stringContaining('Git LFS') as string,
    });
    expect(await here.state()).toEqual(before);
  });
});
