import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunPaths, WeldPaths } from '../../../../src/core/artifacts/paths';
import { newRunId } from '../../../../src/core/artifacts/runIds';
import { keepVersion, listVersions, readVersion } from '../../../../src/core/artifacts/store';
import { acquireRunLock, type RunLock } from '../../../../src/core/lock';

let top: string;
let run: RunPaths;
let lock: RunLock;

beforeEach(async () => {
  top = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weld-history-')));
  const paths = new WeldPaths(top);
  const id = newRunId(new Date(), 'x');
  run = paths.run(id);
  fs.mkdirSync(run.root, { recursive: true });
  lock = await acquireRunLock(paths.root, { runId: id, command: 'test' });
});
afterEach(async () => {
  await lock.release();
  fs.rmSync(top, { recursive: true, force: true });
});

const keep = (content: string, current: number): Promise<number> =>
  keepVersion(lock, run, 'plan', content, {
    current,
    createdAt: '2026-01-05T12:00:00.000Z',
    now: new Date('2026-01-06T12:00:00Z'),
    why: 'plan import',
  });

test('keeps what is superseded, with the reason and the times', async () => {
  expect(await keep('# one\n', 1)).toBe(1);
  expect(await readVersion(run, 'plan', 1)).toEqual({
    content: '# one\n',
    meta: {
      version: 1,
      created_at: '2026-01-05T12:00:00.000Z',
      review_id: null,
      trigger_reason: 'plan import',
      superseded_at: '2026-01-06T12:00:00.000Z',
    },
  });
});

test('keeps five, the newest', async () => {
  for (let n = 1; n <= 8; n++) expect(await keep(`# ${n}\n`, n)).toBe(n);
  expect(await listVersions(run, 'plan')).toEqual([8, 7, 6, 5, 4]);
});

test('done again after a crash it makes no second copy', async () => {
  await keep('# one\n', 1);
  expect(await keep('# one\n', 1)).toBe(1);
  expect(await listVersions(run, 'plan')).toEqual([1]);
});

test('the same text superseded twice is two versions', async () => {
  await keep('# one\n', 1);
  expect(await keep('# one\n', 2)).toBe(2);
});

test('a copy that a crash left half is not overwritten', async () => {
  fs.mkdirSync(run.history('plan', 1).root, { recursive: true });
  fs.writeFileSync(run.history('plan', 1).content, '# another\n');
  expect(await keep('# one\n', 1)).toBe(2);
  expect(fs.readFileSync(run.history('plan', 1).content, 'utf8')).toBe('# another\n');
});
