import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { oid } from '../../../../src/core/git/oid';
import { inDepth, some } from '../../../support/deep';
import { exfatDisk } from '../../../support/exfat';
import { git } from '../../../support/git';
import { at, type Place } from './support';

vi.setConfig({ testTimeout: 120_000 });

const disk = exfatDisk();
afterAll(() => {
  disk?.remove();
});

let repositories = 0;
/** A repository with a file and a folder, both later renamed only in case. */
async function renamed(): Promise<Place> {
  const top = path.join(disk?.folder ?? '', String(++repositories));
  fs.mkdirSync(path.join(top, '.weld'), { recursive: true });
  await git(top, 'init', '-q');
  const here = await at(top);
  for (const file of ['read.me', 'docs/one.md', 'docs/two.md', 'same']) here.write(file, file);
  await here.git('add', '.');
  await here.git('commit', '-qm', 'begin');
  fs.renameSync(path.join(top, 'read.me'), path.join(top, 'READ.me'));
  fs.renameSync(path.join(top, 'docs'), path.join(top, 'Docs'));
  return here;
}

const OLD = ['docs/one.md', 'docs/two.md', 'read.me', 'same'];
const NEW = ['Docs/one.md', 'Docs/two.md', 'READ.me', 'same'];
const committed = async (here: Place): Promise<string[]> => (await here.files('HEAD')).sort();

describe.skipIf(disk === null)('on a disk that takes names in any case for one', () => {
  test('a rename in case alone is captured, once and again, and listed under both names', async () => {
    const here = await renamed();
    for (let time = 0; time < 2; time++)
      expect((await here.files((await here.repository.captureTree(here.lock)).tree)).sort()).toEqual(NEW);
    expect((await here.repository.changes()).map((change) => change.path).sort()).toEqual(
      [...NEW, ...OLD].filter((name) => name !== 'same').sort(),
    );
  });

  test.each(
    some([
      ['all', 'all' as const, NEW],
      ['by its new name', ['READ.me'], ['READ.me', 'docs/one.md', 'docs/two.md', 'same']],
      ['by its old name', ['read.me'], ['READ.me', 'docs/one.md', 'docs/two.md', 'same']],
      ['with its folder', ['Docs'], ['Docs/one.md', 'Docs/two.md', 'read.me', 'same']],
      ['one of a folder', ['Docs/one.md'], ['Docs/one.md', 'docs/two.md', 'read.me', 'same']],
    ]),
  )('and committed when it is chosen: %s', async (_, what, expected) => {
    const here = await renamed();
    await here.repository.commit(here.lock, { message: 'Rename', what, trailers: [] });
    expect(await committed(here)).toEqual(expected);
    expect(await here.git('status', '--porcelain')).toBe('');
    const left = [
      ...NEW.filter((name) => !expected.includes(name)),
      ...OLD.filter((name) => expected.includes(name)),
    ].filter((name) => name !== 'same');
    expect((await here.repository.changes()).map((change) => change.path).sort()).toEqual(left.sort());
  });

  test('and a restore gives the old names back', async () => {
    const here = await renamed();
    const to = oid(await here.git('rev-parse', 'HEAD^{tree}'));
    const from = (await here.repository.captureTree(here.lock)).tree;
    // For a second the driver of this disk still finds names that were looked up before, so wait until moved files are
    // gone.
    await here.git('config', 'filter.slow.smudge', 'sleep 1.5; cat');
    here.write('.git/info/attributes', 'read.me filter=slow\n');
    await here.repository.restoreTree(here.lock, from, to);
    const names = [...fs.readdirSync(here.top), ...fs.readdirSync(path.join(here.top, 'docs'))].filter(
      (name) => !name.startsWith('.'),
    );
    expect(names.sort()).toEqual(['docs', 'one.md', 'read.me', 'same', 'two.md']);
    expect((await here.repository.captureTree(here.lock)).tree).toBe(to);
  });

  inDepth('what is only untracked stays so', async () => {
    const here = await renamed();
    await here.repository.commit(here.lock, { message: 'Rename', what: 'all', trailers: [] });
    here.write('Docs/three.md', 'x');
    expect(await here.repository.changes()).toEqual([{ path: 'Docs/three.md', staged: false }]);
  });
});
