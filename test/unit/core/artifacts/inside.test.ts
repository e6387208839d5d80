import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { ignoresCase, isInside, isWeldPath, relativeInside, standsIn } from '../../../../src/core/artifacts/inside';
import { chosenFiles } from '../../../../src/core/runs/commit/commitSteps';
import { exfatDisk } from '../../../support/exfat';
import { temporaryFolder } from '../process/support';

test.each([
  ['/a', '/a/..notes.md', true],
  ['/a', '/a/..', false],
  ['/a', '/a', false],
  ['/a', '/a/b/../../c', false],
  ['/a', '/ab', false],
  ['/a', '/a/...', true],
  ['/', '/a', true],
])('below %s is %s: %s', (root, file, inside) => {
  expect(isInside(root, file)).toBe(inside);
});

test('one place has one path, by links on the way to either, with files that are not there', () => {
  const top = temporaryFolder();
  fs.mkdirSync(path.join(top, 'repo/src'), { recursive: true });
  fs.symlinkSync(path.join(top, 'repo'), path.join(top, 'other'));
  for (const [root, file, relative] of [
    ['repo', 'other/src/a.ts', 'src/a.ts'],
    ['other', 'repo/src/a.ts', 'src/a.ts'],
    ['repo', 'other', ''],
    ['other', 'repo', ''],
    ['repo', 'other/new/deep/b.ts', 'new/deep/b.ts'],
    ['repo', 'repo/..notes.md', '..notes.md'],
    ['repo', 'repo2/a', null],
    ['repo', '.', null],
    ['repo', 'other/../a', null],
  ] as const)
    expect(relativeInside(path.join(top, root), path.join(top, file)), `${root} ${file}`).toBe(relative);
});

test('a link itself is where it stands, what is behind a linked folder is where that leads', () => {
  const [top, elsewhere] = [temporaryFolder(), temporaryFolder()];
  fs.symlinkSync(elsewhere, path.join(top, 'out'));
  fs.symlinkSync(path.join(elsewhere, 'x'), path.join(top, 'file'));
  expect([
    standsIn(top, path.join(top, 'out')),
    standsIn(top, path.join(top, 'out/a')),
    standsIn(top, path.join(top, 'file')),
  ]).toEqual([true, false, true]);
  expect(() => chosenFiles(top, ['out/a'])).toThrow(/not a file of this repository/u);
  expect(chosenFiles(top, ['file', '..notes.md'])).toEqual(['file', '..notes.md']);
});

test('chosen by the other path of a linked repository, files have the same names', () => {
  const folder = temporaryFolder();
  const top = path.join(folder, 'repo');
  fs.mkdirSync(path.join(top, 'src'), { recursive: true });
  fs.symlinkSync(top, path.join(folder, 'link'));
  expect(chosenFiles(top, [path.join(folder, 'link/src/a.ts')])).toEqual(['src/a.ts']);
});

test.each([
  ['.weld', true, true],
  ['.weld/runs', true, true],
  ['.WELD/x', false, true],
  ['.Weld', false, true],
  ['.welded/x', false, false],
  ['src/.weld/x', false, false],
  ['..weld', false, false],
])("%s is Weld's: %s, where case is ignored: %s", (name, exact, ignoring) => {
  expect([isWeldPath(name, false), isWeldPath(name, true)]).toEqual([exact, ignoring]);
});

test("a folder of another case beside ours is the person's on a disk that tells case", () => {
  const top = temporaryFolder();
  expect(ignoresCase(top)).toBe(false);
  fs.mkdirSync(path.join(top, '.weld'));
  expect(ignoresCase(top)).toBe(false);
  fs.mkdirSync(path.join(top, '.WELD'));
  expect(ignoresCase(top)).toBe(false);
});

test('a disk that ignores case shows it', ({ skip }) => {
  const disk = exfatDisk();
  if (disk === null) return skip('no such disk can be made here');
  try {
    fs.mkdirSync(path.join(disk.folder, '.weld'));
    expect(ignoresCase(disk.folder)).toBe(true);
  } finally {
    disk.remove();
  }
});

test('what leads in a circle stands nowhere, what is not there stands where it would', () => {
  const top = temporaryFolder();
  fs.symlinkSync('circle', path.join(top, 'circle'));
  expect([
    relativeInside(top, path.join(top, 'circle/x')),
    relativeInside(top, path.join(top, 'no/x')),
    relativeInside(path.join(top, 'circle'), path.join(top, 'circle/x')),
  ]).toEqual([null, 'no/x', null]);
});
