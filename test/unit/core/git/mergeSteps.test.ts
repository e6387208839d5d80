import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect } from 'vitest';
import type { MergedSteps, Oid, PassedTrees } from '../../../../src/core/git/git';
import { everyTime, inDepth } from '../../../support/deep';
import { git } from '../../../support/git';
import { type Place, withCommit } from './support';

const capture = async (here: Place): Promise<Oid> => (await here.repository.captureTree(here.lock)).tree;

/** A step: the files at its beginning and at its end. */
async function step(here: Place, work: () => unknown): Promise<PassedTrees> {
  const base = await capture(here);
  await work();
  return { base, tree: await capture(here) };
}

async function merged(here: Place, steps: readonly PassedTrees[]): Promise<MergedSteps & { onto: Oid | null }> {
  const onto = (await here.repository.head()).sha;
  return { ...(await here.repository.mergeSteps(here.lock, onto, steps)), onto };
}

/** Commits the passed steps. @returns the tree of the commit */
async function commit(here: Place, ...steps: readonly PassedTrees[]): Promise<string> {
  const what = await merged(here, steps);
  await here.repository.commit(here.lock, { message: 'What passed', what, trailers: [] });
  return here.git('rev-parse', 'HEAD^{tree}');
}

const listing = (here: Place, tree: string, ...paths: string[]): Promise<string> =>
  here.git('ls-tree', '-r', '-z', '--full-tree', tree, '--', ...paths);
const porcelain = (here: Place): Promise<string> => here.git('status', '--porcelain', '--', ':!.weld');
const bytes = (here: Place, object: string): Promise<string> => here.git('cat-file', '-p', object);

describe('what passed', () => {
  everyTime('is the tree that passed, byte for byte: content, modes, links, renames, deletions', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('a.txt', 'crlf\r\n\0binary\xff');
      here.write('new/deep/file', 'n');
      fs.rmSync(path.join(here.top, '.gitignore'));
      fs.chmodSync(path.join(here.top, 'dir/b.txt'), 0o755);
      fs.renameSync(path.join(here.top, 'dir/b.txt'), path.join(here.top, 'renamed.txt'));
      fs.symlinkSync('a.txt', path.join(here.top, 'link'));
      here.write('empty', '');
    });
    expect(await commit(here, one)).toBe(one.tree);
    expect(await porcelain(here)).toBe('');
  });

  everyTime('is never read from the disk again', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('a.txt', 'reviewed');
      here.write('new', 'reviewed');
    });
    here.write('a.txt', 'rewritten after the review');
    fs.rmSync(path.join(here.top, 'new'));
    await here.git('add', '--all');
    here.write('new', 'another');
    expect(await commit(here, one)).toBe(one.tree);
    expect(await here.git('show', 'HEAD:a.txt')).toBe('reviewed');
    expect(here.read('a.txt')).toBe('rewritten after the review');
  });

  everyTime('of two steps in one commit, also where both changed a file', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('a.txt', 'one\n');
      here.write('x', 'x');
    });
    const two = await step(here, () => {
      here.write('a.txt', 'two\n');
      fs.rmSync(path.join(here.top, 'x'));
      here.write('y', 'y');
    });
    expect(await commit(here, one, two)).toBe(two.tree);
    expect(await porcelain(here)).toBe('');
  });

  inDepth('of one of two steps leaves the files of the other', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('a.txt', 'one\n');
    });
    const two = await step(here, () => {
      here.write('dir/b.txt', 'two\n');
    });
    const tree = await commit(here, two);
    expect(await listing(here, tree, 'dir')).toBe(await listing(here, two.tree, 'dir'));
    expect(await here.git('show', 'HEAD:a.txt')).toBe('a');
    expect(await porcelain(here)).toBe(' M a.txt');
    expect(await commit(here, one)).toBe(two.tree);
  });

  everyTime('of steps out of order: the one that passed last says what is in a file', async () => {
    const here = await withCommit();
    const first = await capture(here);
    here.write('a.txt', 'begun\n');
    const second = await step(here, () => {
      here.write('a.txt', 'second\n');
      here.write('s', 's');
    });
    here.write('a.txt', 'first\n');
    const one = { base: first, tree: await capture(here) };
    expect(await merged(here, [second, one])).toMatchObject({ notAsReviewed: [] });
    expect(await commit(here, second, one)).toBe(one.tree);
  });

  everyTime('onto a HEAD that a pull has moved takes its other files over', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('a.txt', 'step\n');
    });
    const other = await git(
      here.top,
      'commit-tree',
      '-p',
      'HEAD',
      '-m',
      'pulled',
      await treeWith(here, 'HEAD', 'pulled.txt', 'p'),
    );
    await here.git('update-ref', 'HEAD', other);
    await here.git('read-tree', 'HEAD');
    const tree = await commit(here, one);
    expect(await listing(here, tree, 'a.txt')).toBe(await listing(here, one.tree, 'a.txt'));
    expect(await here.git('show', 'HEAD:pulled.txt')).toBe('p');
    expect(await here.git('rev-parse', 'HEAD^')).toBe(other);
  });

  everyTime('where HEAD has a part of it already is what passed', async () => {
    const here = await withCommit();
    const lines = (a: string, b: string): string =>
      [a, ...Array.from({ length: 20 }, (_, i) => String(i)), b, ''].join('\n');
    here.write('a.txt', lines('a', 'b'));
    await here.git('commit', '-qam', 'lines');
    const one = await step(here, () => {
      here.write('a.txt', lines('A', 'B'));
    });
    here.write('a.txt', lines('A', 'b'));
    await here.git('commit', '-qam', 'half of it');
    expect(await merged(here, [one])).toMatchObject({ notAsReviewed: [] });
    expect(await commit(here, one)).toBe(one.tree);
  });

  everyTime.each([
    [
      'elsewhere in the file',
      'merged',
      (lines: string[]) => {
        lines[0] = 'pulled';
      },
      (lines: string[]) => lines.toSpliced(0, 1, 'pulled'),
    ],
    [
      'in the same line',
      'overlaps',
      (lines: string[]) => {
        lines[19] = 'pulled';
      },
      (lines: string[]) => lines,
    ],
  ])('where HEAD changed %s it says so, and merges without a mark', async (_, why, pull, result) => {
    const here = await withCommit();
    const lines = Array.from({ length: 20 }, (__, i) => String(i));
    const write = (content: readonly string[]): void => {
      here.write('a.txt', `${content.join('\n')}\n`);
    };
    write(lines);
    await here.git('commit', '-qam', 'lines');
    const step1 = [...lines.slice(0, 19), 'step'];
    const one = await step(here, () => {
      write(step1);
    });
    const pulled = [...lines];
    pull(pulled);
    write(pulled);
    await here.git('commit', '-qam', 'pulled');
    expect(await merged(here, [one])).toMatchObject({ notAsReviewed: [{ path: 'a.txt', why }] });
    await commit(here, one);
    expect(await here.git('show', 'HEAD:a.txt')).toBe(result([...step1]).join('\n'));
  });

  everyTime.each([
    [
      'deleted',
      (here: Place) => {
        fs.rmSync(path.join(here.top, 'a.txt'));
      },
    ],
    [
      'turned into a link',
      (here: Place) => {
        fs.rmSync(path.join(here.top, 'a.txt'));
        fs.symlinkSync('dir', path.join(here.top, 'a.txt'));
      },
    ],
    [
      'turned into a folder',
      (here: Place) => {
        fs.rmSync(path.join(here.top, 'a.txt'));
        here.write('a.txt/below', 'x');
      },
    ],
    [
      'renamed',
      (here: Place) => {
        fs.renameSync(path.join(here.top, 'a.txt'), path.join(here.top, 'moved.txt'));
      },
    ],
    [
      'turned into bytes',
      (here: Place) => {
        here.write('a.txt', Buffer.from([0, 1, 2, 0]));
      },
    ],
  ])('where HEAD has the file %s it says so', async (_, change) => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('a.txt', 'step\n');
    });
    change(here);
    await here.git('add', '--all');
    await here.git('commit', '-qm', 'another');
    expect((await merged(here, [one])).notAsReviewed).toContainEqual({ path: 'a.txt', why: 'overlaps' });
    await commit(here, one);
    expect(await listing(here, 'HEAD', 'a.txt')).toBe(await listing(here, one.tree, 'a.txt'));
  });

  inDepth('a file below what is a file in HEAD by now is in the way', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('place/file', 'x');
    });
    fs.rmSync(path.join(here.top, 'place'), { recursive: true });
    here.write('place', 'a file');
    await here.git('add', 'place');
    await here.git('commit', '-qm', 'another');
    expect((await merged(here, [one])).notAsReviewed).toEqual([{ path: 'place/file', why: 'overlaps' }]);
  });

  inDepth('modes of both sides come together', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('a.txt', 'step\n');
    });
    await here.git('update-index', '--cacheinfo', `100755,${await here.git('rev-parse', 'HEAD:a.txt')},a.txt`);
    await here.git('commit', '-qm', 'executable');
    expect((await merged(here, [one])).notAsReviewed).toEqual([{ path: 'a.txt', why: 'merged' }]);
    const tree = await commit(here, one);
    expect(await listing(here, tree, 'a.txt')).toMatch(/^100755 /u);
  });

  everyTime('leaves what was dirty before the step, and what the person has staged', async () => {
    const here = await withCommit();
    here.write('dirty', 'mine');
    here.write('dir/b.txt', 'staged');
    await here.git('add', 'dir/b.txt');
    here.write('dir/b.txt', 'and more');
    const one = await step(here, () => {
      here.write('a.txt', 'step\n');
      here.write('half', 'step\n');
    });
    here.write('half', 'staged by the person\n');
    await here.git('add', 'half');
    await commit(here, one);
    expect(await here.git('show', '--name-only', '--format=')).toBe('a.txt\nhalf');
    expect(await here.git('show', 'HEAD:half')).toBe('step');
    expect(await here.git('show', ':half', ':dir/b.txt')).toBe('staged by the person\nstaged');
    expect(await porcelain(here)).toBe('MM dir/b.txt\nM  half\n?? dirty');
  });

  inDepth('takes a file that is only to be added one day', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('new', 'step\n');
      here.write('a.txt', 'step\n');
    });
    await here.git('add', '--intent-to-add', 'new');
    expect(await commit(here, one)).toBe(one.tree);
    expect(await porcelain(here)).toBe('');
  });

  inDepth('in a SHA-256 repository and before the first commit', async () => {
    const here = await withCommit('--object-format=sha256');
    await here.git('update-ref', '-d', 'HEAD');
    await here.git('read-tree', '--empty');
    const one = await step(here, () => {
      here.write('a.txt', 'step\n');
      here.write('new', 'n');
    });
    const tree = await commit(here, one);
    expect(await here.git('ls-tree', '-r', '--name-only', tree)).toBe('a.txt\nnew');
    const two = await step(here, () => {
      fs.rmSync(path.join(here.top, 'new'));
    });
    await commit(here, two);
    expect(await here.git('ls-tree', '-r', '--name-only', 'HEAD')).toBe('a.txt');
  });

  everyTime('submodules: the commit that was reviewed, whatever is checked out by now', async () => {
    const here = await withCommit();
    const inner = path.join(here.top, 'module');
    await git(here.top, 'init', '-q', 'module');
    await git(inner, 'commit', '-q', '--allow-empty', '-m', 'one');
    await here.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', './module', 'module');
    await here.git('commit', '-qm', 'module');
    const one = await step(here, () => git(inner, 'commit', '-q', '--allow-empty', '-m', 'reviewed'));
    const reviewed = await git(inner, 'rev-parse', 'HEAD');
    await git(inner, 'commit', '-q', '--allow-empty', '-m', 'later');
    expect(await commit(here, one)).toBe(one.tree);
    expect(await here.git('rev-parse', 'HEAD:module')).toBe(reviewed);
  });

  everyTime(
    'LFS and line ends: the objects as they were captured, whatever filters would make of the files',
    async () => {
      const here = await withCommit();
      await here.git('config', 'filter.lfs.clean', 'git-lfs clean -- %f');
      await here.git('config', 'filter.lfs.smudge', 'git-lfs smudge -- %f');
      await here.git('config', 'filter.lfs.required', 'true');
      await here.git('config', 'core.autocrlf', 'true');
      here.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
      await here.git('add', '.gitattributes');
      await here.git('commit', '-qm', 'attributes');
      const one = await step(here, () => {
        here.write('big.bin', Buffer.alloc(5_000, 7));
        here.write('a.txt', 'one\r\ntwo\r\n');
      });
      // From here on, the filter would change all files.
      await here.git('config', 'filter.lfs.clean', 'tr a b');
      await here.git('config', 'core.autocrlf', 'false');
      expect(await commit(here, one)).toBe(one.tree);
      expect(await bytes(here, 'HEAD:big.bin')).toMatch(
        /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:/u,
      );
      expect(await bytes(here, 'HEAD:a.txt')).toBe('one\ntwo');
      expect(fs.readFileSync(path.join(here.top, 'big.bin'))).toEqual(Buffer.alloc(5_000, 7));
    },
  );

  everyTime('a merge driver of the repository runs nothing', async () => {
    const here = await withCommit();
    await here.git('config', 'merge.mine.driver', 'touch ran; true');
    here.write('.gitattributes', '* merge=mine\n');
    await here.git('add', '--all');
    await here.git('commit', '-qm', 'driver');
    const one = await step(here, () => {
      here.write('a.txt', 'step\n');
    });
    here.write('a.txt', 'pulled\n');
    await here.git('commit', '-qam', 'pulled');
    await commit(here, one);
    expect(here.has('ran')).toBe(false);
  });

  inDepth('HEAD that moves while it is made ready is noticed', async () => {
    const here = await withCommit();
    const one = await step(here, () => {
      here.write('a.txt', 'step\n');
    });
    const what = await merged(here, [one]);
    await here.git('commit', '-q', '--allow-empty', '-m', 'meanwhile');
    await expect(here.repository.commit(here.lock, { message: 'x', what, trailers: [] })).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('moved') as string,
    });
  });

  everyTime('what hooks change while committing is named', async () => {
    const here = await withCommit();
    here.write(
      '.git/hooks/pre-commit',
      '#!/bin/sh\necho formatted > a.txt; git add a.txt; echo made > made; git add made\n',
    );
    fs.chmodSync(path.join(here.top, '.git/hooks/pre-commit'), 0o755);
    const one = await step(here, () => {
      here.write('a.txt', 'step\n');
    });
    const what = await merged(here, [one]);
    expect(await here.repository.commit(here.lock, { message: 'x', what, trailers: [] })).toMatchObject({
      changedByHooks: ['a.txt', 'made'],
    });
    expect(await porcelain(here)).toBe('');
  });
});

/** The tree of a commit with one more file. */
async function treeWith(here: Place, from: string, name: string, content: string): Promise<string> {
  here.write(name, content);
  const id = await here.git('hash-object', '-w', name);
  fs.rmSync(path.join(here.top, name));
  const index = { GIT_INDEX_FILE: path.join(here.top, '.git', 'scratch') };
  const run = async (...args: string[]): Promise<string> => {
    const before = process.env['GIT_INDEX_FILE'];
    Object.assign(process.env, index);
    try {
      return await git(here.top, ...args);
    } finally {
      if (before === undefined) delete process.env['GIT_INDEX_FILE'];
    }
  };
  await run('read-tree', from);
  await run('update-index', '--add', '--cacheinfo', `100644,${id},${name}`);
  return run('write-tree');
}
