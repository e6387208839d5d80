import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { collectLeftovers, createFile, createFolder, makeWeldFolder } from '../../../../src/core/artifacts/create';
import { WeldPaths } from '../../../../src/core/artifacts/paths';
import { assertPlain, holdFolder } from '../../../../src/core/artifacts/plain';
import { removeFile, removeFolder, writeText } from '../../../../src/core/artifacts/store';
import { heldLock, temporaryFolder } from '../process/support';

const OUTSIDE = { code: 'OUTSIDE_REPOSITORY', message: expect.stringContaining('remove the link') as string };

/** Places for a link on the way to a run's file, each with what must exist before. */
const PLACES = ['.weld', '.weld/runs', '.weld/runs/r', '.weld/runs/r/steps'];

function linked(place: string): {
  readonly top: string;
  readonly paths: WeldPaths;
  readonly elsewhere: string;
  readonly file: string;
} {
  const [top, elsewhere] = [temporaryFolder(), temporaryFolder()];
  fs.mkdirSync(path.dirname(path.join(top, place)), { recursive: true });
  fs.symlinkSync(elsewhere, path.join(top, place));
  const file = path.join(top, '.weld/runs/r/steps/a.json');
  const below = path.join(elsewhere, path.relative(place, '.weld/runs/r/steps'));
  fs.mkdirSync(below, { recursive: true });
  fs.writeFileSync(path.join(below, 'a.json'), 'precious');
  return { top, paths: new WeldPaths(top), elsewhere, file };
}

const everything = (folder: string): string[] => fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

test.each(PLACES)('with a link at %s nothing is written, made or removed behind it', async (place) => {
  const { top, paths, elsewhere, file } = linked(place);
  const before = everything(elsewhere);
  const lock = { ...heldLock(temporaryFolder()), weldDir: paths.root };
  for (const act of [
    () => writeText(lock, file, 'x'),
    () => writeText(lock, path.join(path.dirname(file), 'new', 'b.json'), 'x'),
    () => removeFile(lock, file),
    () => removeFolder(lock, path.dirname(file) + '/a.json'),
    () => createFile(paths, path.join(path.dirname(file), 'c.json'), 'x'),
    () => createFolder(paths, path.join(path.dirname(file), 'd'), new Map([['e', 'x']])),
    async () => {
      assertPlain(paths.root, file);
    },
  ])
    await expect(act(), act.toString()).rejects.toMatchObject(OUTSIDE);
  expect(everything(elsewhere)).toEqual(before);
  expect(everything(top).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a link in the place of the staging folder is refused, and not tidied', async () => {
  const [top, elsewhere] = [temporaryFolder(), temporaryFolder()];
  const paths = new WeldPaths(top);
  await makeWeldFolder(paths);
  fs.symlinkSync(elsewhere, paths.staging);
  const old = path.join(elsewhere, '11111111-1111-4111-8111-111111111111.tmp');
  fs.writeFileSync(old, 'theirs');
  fs.utimesSync(old, 1, 1);
  await collectLeftovers(paths, new Date());
  await expect(createFile(paths, paths.config, 'x')).rejects.toMatchObject(OUTSIDE);
  await expect(writeText(heldLock(top), path.join(paths.runs, 'a'), 'x')).rejects.toMatchObject(OUTSIDE);
  expect(fs.readFileSync(old, 'utf8')).toBe('theirs');
});

test('what dead processes left goes by its own name only', async () => {
  const paths = new WeldPaths(temporaryFolder());
  await makeWeldFolder(paths);
  const names = [
    '11111111-1111-4111-8111-111111111111',
    '11111111-1111-4111-8111-111111111112.tmp',
    'notes.md',
    '11111111-1111-4111-8111-111111111111.md',
    'x11111111-1111-4111-8111-111111111111',
  ];
  for (const name of names) {
    fs.mkdirSync(paths.staging, { recursive: true });
    fs.writeFileSync(path.join(paths.staging, name), 'x');
    fs.utimesSync(path.join(paths.staging, name), 1, 1);
  }
  await collectLeftovers(paths, new Date());
  expect(fs.readdirSync(paths.staging).sort()).toEqual(names.slice(2).sort());
});

test('a dangling link, a circular one, and one that leads back inside are refused too', () => {
  const paths = new WeldPaths(temporaryFolder());
  fs.mkdirSync(paths.runs, { recursive: true });
  for (const [name, target] of [
    ['a', 'nowhere'],
    ['b', 'b'],
    ['c', '.'],
  ] as const) {
    fs.symlinkSync(target, path.join(paths.runs, name));
    expect(() => holdFolder(paths.root, path.join(paths.runs, name, 'x'), true), name).toThrow(/leads out of \.weld/u);
  }
  expect(fs.readdirSync(paths.runs).sort()).toEqual(['a', 'b', 'c']);
});

test('a file in the place of a folder says so, and a missing folder is made or told', () => {
  const paths = new WeldPaths(temporaryFolder());
  expect(holdFolder(paths.root, paths.runs, false)).toBeNull();
  fs.mkdirSync(paths.root);
  fs.writeFileSync(paths.runs, 'x');
  expect(() => holdFolder(paths.root, path.join(paths.runs, 'r'), true)).toThrow(/is in the place of a folder/u);
  expect(() => holdFolder(paths.root, path.join(paths.root, '..'), true)).toThrow(/leads out/u);
  using held = holdFolder(paths.root, path.join(paths.root, 'x', 'y'), true);
  expect(fs.statSync(path.join(paths.root, 'x', 'y')).isDirectory()).toBe(true);
  for (const name of ['..', 'a/b', '']) expect(() => held?.at(name)).toThrow();
});

test('a folder that is swapped for a link after it was looked at is still the one that was looked at', () => {
  const [top, elsewhere] = [temporaryFolder(), temporaryFolder()];
  const paths = new WeldPaths(top);
  using held = holdFolder(paths.root, path.join(paths.runs, 'r'), true);
  fs.renameSync(path.join(paths.runs, 'r'), path.join(paths.runs, 'moved'));
  fs.symlinkSync(elsewhere, path.join(paths.runs, 'r'));
  fs.writeFileSync(held?.at('a') ?? '', 'x');
  expect([everything(elsewhere), everything(path.join(paths.runs, 'moved'))]).toEqual([[], ['a']]);
});

test('folders that may be entered but not listed are written to, as an ordinary user', () => {
  const top = temporaryFolder();
  fs.chmodSync(top, 0o777);
  const script = path.join(top, 'hold.mts');
  fs.writeFileSync(
    script,
    `
    import * as fs from 'node:fs';
    import { holdFolder } from ${JSON.stringify(path.resolve('src/core/artifacts/plain.ts'))};
    if (process.getuid?.() === 0) { process.setgid?.(65534); process.setuid?.(65534); }
    const root = ${JSON.stringify(path.join(top, '.weld'))};
    fs.mkdirSync(root + '/runs', { recursive: true });
    fs.chmodSync(root + '/runs', 0o300);
    fs.writeFileSync(holdFolder(root, root + '/runs', true)?.at('a') ?? '', 'x');
    fs.chmodSync(root + '/runs', 0o500);
    try { holdFolder(root, root + '/runs/b', true); } catch (error) { console.log(error.code, error.message); }
    fs.chmodSync(root + '/runs', 0o700);
  `,
  );
  const ran = spawnSync(process.execPath, [path.resolve('node_modules/tsx/dist/cli.mjs'), script], {
    encoding: 'utf8',
  });
  expect(fs.readFileSync(path.join(top, '.weld/runs/a'), 'utf8'), ran.stderr).toBe('x');
  expect(ran.stdout).toMatch(/^NOT_WRITABLE .*runs\/b cannot be written; give yourself write access/u);
});
