import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { lookAgain, statFingerprint } from '../../../../src/core/git/statFingerprint';
import { until } from '../../../support/run';
import { temporaryFolder } from '../process/support';

test('a young file is read at each look until it is old enough, then its stat data alone decide', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'ref');
  fs.writeFileSync(file, 'one');
  let seen = await statFingerprint([folder]);
  expect([...seen.racy.keys()]).toEqual([file]);
  await until('it to be old', async () => {
    const again = await lookAgain(seen, [folder]);
    expect(again).not.toBeNull();
    seen = again ?? seen;
    return seen.racy.size === 0;
  });
  expect(await lookAgain(seen, [folder])).toBe(seen);
  fs.writeFileSync(file, 'two');
  expect(await lookAgain(seen, [folder])).toBeNull();
});

test('a young file with the same stat data and other content differs', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'ref');
  fs.writeFileSync(file, 'one');
  const seen = await statFingerprint([folder]);
  expect(await lookAgain({ ...seen, racy: new Map([[file, 'of other content']]) }, [folder])).toBeNull();
});
