import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { WeldPaths } from '../../../../src/core/artifacts/paths';
import { MetaSchema } from '../../../../src/core/artifacts/schemas';
import {
  listFolders,
  readRecord,
  readText,
  removeFile,
  removeFolder,
  writeRecord,
  writeText,
} from '../../../../src/core/artifacts/store';
import { acquireRunLock, type RunLock, takeOverLock } from '../../../../src/core/lock';

let top: string;
let paths: WeldPaths;
let lock: RunLock;

beforeEach(async () => {
  top = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-store-')));
  paths = new WeldPaths(top);
  fs.mkdirSync(paths.runs, { recursive: true });
  lock = await acquireRunLock(paths.root, { runId: '20260105-120000-x', command: 'test' });
});
afterEach(async () => {
  await lock.release();
  fs.rmSync(top, { recursive: true, force: true });
});

const at = (...names: string[]): string => path.join(paths.runs, ...names);

describe('writing', () => {
  test('makes folders, replaces whole files, leaves nothing beside them', async () => {
    await writeText(lock, at('r', 'deep', 'a.md'), 'one');
    await writeText(lock, at('r', 'deep', 'a.md'), 'two');
    expect(await readText(at('r', 'deep', 'a.md'))).toBe('two');
    expect(fs.readdirSync(at('r', 'deep'))).toEqual(['a.md']);
    expect(fs.readdirSync(paths.staging)).toEqual([]);
  });

  test('many at once to one file leave one of them, whole', async () => {
    const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(10_000));
    await Promise.all(texts.map((text) => writeText(lock, at('a.md'), text)));
    expect(texts).toContain(await readText(at('a.md')));
  });

  test('refuses a path that leaves .weld', async () => {
    await expect(writeText(lock, path.join(top, 'src.ts'), 'x')).rejects.toMatchObject({ code: 'OUTSIDE_REPOSITORY' });
    await expect(writeText(lock, at('..', '..', 'src.ts'), 'x')).rejects.toMatchObject({ code: 'OUTSIDE_REPOSITORY' });
    await expect(removeFolder(lock, paths.root)).rejects.toMatchObject({ code: 'OUTSIDE_REPOSITORY' });
    expect(fs.existsSync(path.join(top, 'src.ts'))).toBe(false);
  });

  test('refuses a folder that is a link to outside, and makes nothing there', async () => {
    const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-else-'));
    fs.symlinkSync(elsewhere, at('r'));
    await expect(writeText(lock, at('r', 'deep', 'meta.json'), 'x')).rejects.toMatchObject({
      code: 'OUTSIDE_REPOSITORY',
    });
    fs.writeFileSync(path.join(elsewhere, 'keep'), '');
    await expect(removeFile(lock, at('r', 'keep'))).rejects.toMatchObject({ code: 'OUTSIDE_REPOSITORY' });
    expect(fs.readdirSync(elsewhere)).toEqual(['keep']);
    fs.rmSync(elsewhere, { recursive: true });
  });

  test('refuses a dangling link on the way', async () => {
    fs.symlinkSync(path.join(top, 'nowhere'), at('r'));
    await expect(writeText(lock, at('r', 'meta.json'), 'x')).rejects.toMatchObject({ code: 'OUTSIDE_REPOSITORY' });
    expect(fs.existsSync(path.join(top, 'nowhere'))).toBe(false);
  });

  test('replaces a file that is a link, and leaves what it pointed to', async () => {
    const target = path.join(top, 'precious');
    fs.writeFileSync(target, 'precious');
    fs.symlinkSync(target, at('a.md'));
    await writeText(lock, at('a.md'), 'new');
    expect(fs.readFileSync(target, 'utf8')).toBe('precious');
    expect(fs.lstatSync(at('a.md')).isFile()).toBe(true);
  });

  test('a lost lock writes nothing', async () => {
    await writeText(lock, at('a.md'), 'before');
    const taken = await takeOverLock(paths.root, lock.record.token ?? '', { runId: 'other', command: 'other' });
    await expect(writeText(lock, at('a.md'), 'late')).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await expect(removeFile(lock, at('a.md'))).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await expect(removeFolder(lock, at('r'))).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await readText(at('a.md'))).toBe('before');
    await taken.release();
  });

  test('checks a record before a byte is written and keeps unknown fields', async () => {
    const Schema = z.looseObject({ n: z.number() });
    await expect(writeRecord(lock, at('a.json'), Schema, { n: 'one' } as never)).rejects.toThrow();
    expect(fs.existsSync(at('a.json'))).toBe(false);
    await writeRecord(lock, at('a.json'), Schema, { n: 1, theirs: [true] });
    expect(await readRecord(at('a.json'), Schema)).toEqual({ n: 1, theirs: [true] });
  });
});

describe('reading', () => {
  test('a missing file is null', async () => {
    expect(await readText(at('no', 'such'))).toBeNull();
    expect(await readRecord(at('no.json'), MetaSchema)).toBeNull();
    expect(await listFolders(at('no'))).toEqual([]);
  });

  test.each([
    ['half a record', '{"run_id": "x"', /valid JSON/],
    ['an empty file', '', /valid JSON/],
    ['a wrong field', '{"run_id": 5}', /wrong "run_id"/],
  ])('%s is damaged and says so', async (_name, text, words) => {
    fs.writeFileSync(at('meta.json'), text);
    await expect(readRecord(at('meta.json'), MetaSchema)).rejects.toMatchObject({
      code: 'DAMAGED_FILE',
      message: expect.stringMatching(words) as string,
    });
    await expect(readRecord(at('meta.json'), MetaSchema)).rejects.toThrow(at('meta.json'));
  });

  test('a folder, a link, a pipe or a huge file in its place is damaged', async () => {
    fs.mkdirSync(at('folder.json'));
    fs.symlinkSync('/etc/passwd', at('link.json'));
    fs.writeFileSync(at('huge.json'), '');
    fs.truncateSync(at('huge.json'), 100 * 1024 * 1024);
    for (const name of ['folder.json', 'link.json', 'huge.json'])
      await expect(readRecord(at(name), MetaSchema), name).rejects.toMatchObject({ code: 'DAMAGED_FILE' });
  });
});
