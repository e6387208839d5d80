import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeName, onDisk } from '../../../../src/core/git/names';
import { type Place, withCommit } from './support';

/** In a folder whose name is not UTF-8 either; if the bytes were replaced, both names would be the same. */
const ODD = 'd\udce9/f\udcff.txt';
const TWIN = 'd\udce9/f\udcfe.txt';

function writeOdd(here: Place, name: string, content: string): void {
  fs.mkdirSync(onDisk(here.top, path.posix.dirname(name)), { recursive: true });
  fs.writeFileSync(onDisk(here.top, name), content);
}

const readOdd = (here: Place, name: string): string => fs.readFileSync(onDisk(here.top, name), 'utf8');

/** The names in a tree, byte for byte. */
async function namesIn(here: Place, tree: string): Promise<string[]> {
  const listed = await here.git('-c', 'core.quotepath=on', 'ls-tree', '-r', '--name-only', tree);
  return listed.split('\n').filter((name) => name !== '');
}

describe.skipIf(process.platform !== 'linux')('names that are no UTF-8', () => {
  test('are in status, tree, changes, patch and file, byte for byte', async () => {
    const here = await withCommit();
    const base = (await here.repository.captureTree(here.lock)).tree;
    writeOdd(here, ODD, 'odd\n');
    writeOdd(here, TWIN, 'twin\n');
    expect((await here.repository.changes()).map((change) => change.path)).toEqual([TWIN, ODD]);
    const { tree } = await here.repository.captureTree(here.lock);
    expect(await namesIn(here, tree)).toEqual([
      '.gitignore',
      'a.txt',
      'dir/b.txt',
      String.raw`"d\351/f\376.txt"`,
      String.raw`"d\351/f\377.txt"`,
    ]);
    expect(await here.repository.changedFiles(base, tree)).toEqual([
      { path: TWIN, status: 'added' },
      { path: ODD, status: 'added' },
    ]);
    expect(Buffer.from((await here.repository.readFile(tree, ODD)) ?? []).toString()).toBe('odd\n');
    expect(await here.repository.readFile(tree, 'd\udce9/f\udcfd.txt')).toBeNull();
    expect(
      Buffer.from(await here.repository.diff(base, tree)).includes(
        Buffer.concat([Buffer.from('+++ b/'), encodeName(ODD)]),
      ),
    ).toBe(true);
    writeOdd(here, ODD, 'changed\n');
    fs.rmSync(onDisk(here.top, TWIN));
    const later = (await here.repository.captureTree(here.lock)).tree;
    expect(await here.repository.changedFiles(tree, later)).toEqual([
      { path: TWIN, status: 'deleted' },
      { path: ODD, status: 'modified' },
    ]);
  });

  test('are restored, and what would be lost is refused', async () => {
    const here = await withCommit();
    const base = (await here.repository.captureTree(here.lock)).tree;
    writeOdd(here, ODD, 'odd\n');
    writeOdd(here, TWIN, 'twin\n');
    const { tree } = await here.repository.captureTree(here.lock);
    await here.repository.restoreTree(here.lock, tree, base);
    expect(fs.existsSync(onDisk(here.top, 'd\udce9'))).toBe(false);
    await here.repository.restoreTree(here.lock, base, tree);
    expect([readOdd(here, ODD), readOdd(here, TWIN)]).toEqual(['odd\n', 'twin\n']);
    await here.repository.restoreTree(here.lock, tree, base);
    fs.writeFileSync(
      path.join(here.top, '.gitignore'),
      Buffer.concat([Buffer.from('f'), Buffer.from([0xff]), Buffer.from('.txt\n')]),
    );
    writeOdd(here, ODD, 'ignored\n');
    const now = (await here.repository.captureTree(here.lock)).tree;
    await expect(here.repository.restoreTree(here.lock, now, tree)).rejects.toMatchObject({
      message: expect.stringContaining(String.raw`d\xe9/f\xff.txt`) as string,
    });
    expect(readOdd(here, ODD)).toBe('ignored\n');
  });

  test('that are large or secret are left out by their names', async () => {
    const here = await withCommit();
    writeOdd(here, 'd\udce9/x.pem', 'secret');
    writeOdd(here, ODD, 'x'.repeat(1_000_001));
    const { leftOut } = await here.repository.captureTree(here.lock);
    expect(leftOut).toEqual(
      expect.arrayContaining([
        { path: ODD, why: 'large' },
        { path: 'd\udce9/x.pem', why: 'secret' },
      ]),
    );
    expect(JSON.parse(JSON.stringify(leftOut))).toEqual(leftOut);
  });

  test.each(['all', [ODD]] as const)('are committed (%j)', async (what) => {
    const here = await withCommit();
    writeOdd(here, ODD, 'odd\n');
    const { sha } = await here.repository.commit(here.lock, { message: 'odd', what, trailers: [] });
    expect(await namesIn(here, sha)).toContain(String.raw`"d\351/f\377.txt"`);
    expect(await here.git('status', '--porcelain')).toBe('');
  });
});
