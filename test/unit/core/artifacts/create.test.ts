import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collectLeftovers, createFile, createFolder, makeWeldFolder } from '../../../../src/core/artifacts/create';
import { WeldPaths } from '../../../../src/core/artifacts/paths';

let top: string;
let paths: WeldPaths;

beforeEach(() => {
  top = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-create-')));
  paths = new WeldPaths(top);
});
afterEach(() => fs.rmSync(top, { recursive: true, force: true }));

describe('a file', () => {
  test('appears whole, once, and is never replaced', async () => {
    await makeWeldFolder(paths);
    const made = await Promise.all(
      ['a', 'b', 'c', 'd'].map((letter) => createFile(paths, paths.config, letter.repeat(100_000))),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    const first = fs.readFileSync(paths.config, 'utf8');
    expect(first).toMatch(/^(.)\1{99999}$/u);
    expect(await createFile(paths, paths.config, 'later')).toBe(false);
    expect(fs.readFileSync(paths.config, 'utf8')).toBe(first);
    expect(fs.readdirSync(paths.staging)).toEqual([]);
  });

  test('is not made through a link', async () => {
    await makeWeldFolder(paths);
    fs.symlinkSync(path.join(top, 'elsewhere.toml'), paths.config);
    expect(await createFile(paths, paths.config, 'x')).toBe(false);
    expect(fs.existsSync(path.join(top, 'elsewhere.toml'))).toBe(false);
  });
});

describe('a folder', () => {
  const files = new Map([
    ['meta.json', '{}'],
    ['plan/plan.prompt.md', '# Plan'],
  ]);

  test('appears whole', async () => {
    await makeWeldFolder(paths);
    expect(await createFolder(paths, path.join(paths.runs, 'r'), files)).toBe(true);
    expect(fs.readFileSync(path.join(paths.runs, 'r', 'plan', 'plan.prompt.md'), 'utf8')).toBe('# Plan');
    expect(fs.readdirSync(paths.staging)).toEqual([]);
  });

  test('of many at once one wins, and nothing of the others is left', async () => {
    await makeWeldFolder(paths);
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        createFolder(
          paths,
          path.join(paths.runs, 'r'),
          new Map([
            ['meta.json', `${n}`],
            ['b.json', `${n}`],
          ]),
        ),
      ),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    const winner = String(made.indexOf(true));
    expect(['meta.json', 'b.json'].map((name) => fs.readFileSync(path.join(paths.runs, 'r', name), 'utf8'))).toEqual([
      winner,
      winner,
    ]);
    expect(fs.readdirSync(paths.staging)).toEqual([]);
  });

  test('is refused where .weld, runs or staging lead elsewhere', async () => {
    const elsewhere = path.join(top, 'elsewhere');
    fs.mkdirSync(elsewhere);
    fs.symlinkSync(elsewhere, paths.root);
    await expect(makeWeldFolder(paths)).rejects.toMatchObject({ code: 'OUTSIDE_REPOSITORY' });
    fs.unlinkSync(paths.root);
    await makeWeldFolder(paths);
    for (const name of ['staging', 'runs']) {
      fs.symlinkSync(elsewhere, path.join(paths.root, name));
      await expect(createFolder(paths, path.join(paths.runs, 'r'), files), name).rejects.toMatchObject({
        code: 'OUTSIDE_REPOSITORY',
      });
      fs.unlinkSync(path.join(paths.root, name));
    }
    expect(fs.readdirSync(elsewhere)).toEqual([]);
  });
});

const OLD = '11111111-1111-4111-8111-111111111111';
const NEW = '22222222-2222-4222-8222-222222222222.tmp';

test('what dead processes left aside is collected by age, the rest stays', async () => {
  await makeWeldFolder(paths);
  fs.mkdirSync(path.join(paths.staging, OLD, 'plan'), { recursive: true });
  fs.writeFileSync(path.join(paths.staging, NEW), 'at work');
  const days = (n: number): Date => new Date(Date.now() - n * 24 * 60 * 60 * 1000);
  fs.utimesSync(path.join(paths.staging, OLD), days(8), days(8));
  await collectLeftovers(paths, new Date());
  expect(fs.readdirSync(paths.staging)).toEqual([NEW]);
});
