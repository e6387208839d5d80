import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { KeptByStat } from '../../../src/core/util/keptByStat';
import { until } from '../../support/run';
import { temporaryFolder } from './runs/support';

/** Reads one file through what is kept, and counts how often it is really read. */
function reader(file: string, kept = new KeptByStat<{ readonly text: string | null }>(8)) {
  let reads = 0;
  const get = (): Promise<{ readonly text: string | null }> =>
    kept.get(file, (look) => {
      look.note(file);
      reads++;
      return Promise.resolve({ text: fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null });
    });
  return {
    get,
    text: async (): Promise<string | null> => (await get()).text,
    count: () => reads,
    /** Waits until the file is old enough to be kept. */
    settle: () =>
      until('the value to be kept', async () => {
        const value = await get();
        return value === (await get());
      }),
  };
}

const LONG_AGO = new Date('2020-01-01T12:00:00Z');

function withFile(text: string): string {
  const file = path.join(temporaryFolder(), 'file');
  fs.writeFileSync(file, text);
  fs.utimesSync(file, LONG_AGO, LONG_AGO);
  return file;
}

test('an unchanged file is not read again, and its value is the same object', async () => {
  const { get, count, settle } = reader(withFile('one'));
  await settle();
  const [value, reads] = [await get(), count()];
  for (let n = 0; n < 10; n++) expect(await get()).toBe(value);
  expect(count()).toBe(reads);
});

test('a change of the same length shows, in whatever tick of the clock it falls', async () => {
  const file = withFile('0000');
  const { text } = reader(file);
  for (let n = 1; n < 300; n++) {
    const wanted = String(n).padStart(4, '0');
    fs.writeFileSync(file, wanted);
    expect(await text()).toBe(wanted);
  }
});

test('a file so young that its next change may look the same is read each time', async () => {
  const file = withFile('one');
  const inAnHour = Date.now() / 1000 + 3600; // so that it stays young however slow the machine is
  fs.utimesSync(file, inAnHour, inAnHour);
  const { get, count } = reader(file);
  for (let n = 0; n < 3; n++) await get();
  expect(count()).toBe(3);
});

test.each<readonly [string, (file: string) => void, string | null]>([
  [
    'is written in place and gets its old times back',
    (file) => {
      fs.writeFileSync(file, 'two');
      fs.utimesSync(file, LONG_AGO, LONG_AGO);
    },
    'two',
  ],
  [
    'is replaced by another with the same times',
    (file) => {
      fs.writeFileSync(`${file}.new`, 'two');
      fs.utimesSync(`${file}.new`, LONG_AGO, LONG_AGO);
      fs.renameSync(`${file}.new`, file);
    },
    'two',
  ],
  ['goes', (file) => fs.rmSync(file), null],
  [
    'comes back from elsewhere',
    (file) => {
      fs.mkdirSync(`${file}.kept`);
      fs.writeFileSync(`${file}.kept/file`, 'old');
      fs.rmSync(file);
      fs.renameSync(`${file}.kept/file`, file);
    },
    'old',
  ],
])('it is read again when it %s', async (_, change, after) => {
  const file = withFile('one');
  const { text, settle } = reader(file);
  await settle();
  change(file);
  expect(await text()).toBe(after);
});

test('a file that appears is read', async () => {
  const file = path.join(temporaryFolder(), 'file');
  const { text } = reader(file);
  expect([await text(), await text()]).toEqual([null, null]);
  fs.writeFileSync(file, 'one');
  expect(await text()).toBe('one');
});

test('a link is followed each time, because nothing tells of a change behind it', async () => {
  const file = withFile('one');
  const link = `${file}.link`;
  fs.symlinkSync(file, link);
  await until('the link to be old', () => Date.now() - fs.lstatSync(link).ctimeMs > 200);
  const { text } = reader(link);
  expect(await text()).toBe('one');
  fs.writeFileSync(file, 'two');
  expect(await text()).toBe('two');
});

test('who asks during a read gets nothing older than the question', async () => {
  const file = withFile('one');
  const kept = new KeptByStat<string>(8);
  let release = (): void => undefined;
  const first = kept.get(file, async (look) => {
    look.note(file);
    const text = fs.readFileSync(file, 'utf8');
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return text;
  });
  fs.writeFileSync(file, 'two');
  const second = kept.get(file, (look) => {
    look.note(file);
    return Promise.resolve(fs.readFileSync(file, 'utf8'));
  });
  release();
  expect([await first, await second]).toEqual(['one', 'two']);
});

test('nothing is kept of a read that fails, and no more values than wanted', async () => {
  const kept = new KeptByStat<number>(2);
  await expect(kept.get('a', () => Promise.reject(new Error('torn')))).rejects.toThrow('torn');
  let made = 0;
  const get = (key: string): Promise<number> => kept.get(key, () => Promise.resolve(++made));
  expect([await get('a'), await get('b'), await get('a')]).toEqual([1, 2, 1]);
  expect([await get('c'), await get('b'), await get('a')]).toEqual([3, 2, 4]);
});
