import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireRunLock, describeLock, inspectLock, type LockState } from '../../../../src/core/lock';
import { KEEP_CLAIMS } from '../../../../src/core/lock/lockNames';
import { WeldError } from '../../../../src/core/util/errors';
import { WeldFolder } from './weldFolder';

const HOUR = 3_600_000;
const request = { runId: '20260105-120000-input', command: 'step loop 1' };

let weld: WeldFolder;
beforeEach(() => {
  weld = new WeldFolder();
});
afterEach(() => {
  weld.remove();
});

/** Acquires, asserts and releases: the lock works as if nothing had happened. */
async function worksNow(): Promise<void> {
  const lock = await acquireRunLock(weld.dir, request);
  lock.assertHeld();
  await expect(acquireRunLock(weld.dir, request)).rejects.toMatchObject({ code: 'LOCK_HELD' });
  await lock.release();
  expect(await inspectLock(weld.dir)).toEqual({ kind: 'free' });
}

/** The lock is refused, and nothing was changed. @returns the message */
async function refused(code: string): Promise<string> {
  const before = weld.snapshot();
  const error = await acquireRunLock(weld.dir, request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WeldError);
  expect(error).toMatchObject({ code });
  expect(weld.snapshot()).toEqual(before);
  expect((error as WeldError).message).toMatch(/^[A-Z].*[.;].*\S$/su);
  return (error as WeldError).message;
}

const described = async (): Promise<{ state: LockState; sentence: string }> => {
  const state = await inspectLock(weld.dir);
  return { state, sentence: describeLock(state, Date.now()) };
};

describe('active.lock', () => {
  it.each([
    ['empty', ''],
    ['blank', ' \n'],
    ['half a record', '{"pid": 12, "run_'],
    ['a list', '[]'],
    ['null', 'null'],
    ['binary', '\u0000\u0001\u0002'],
    ['from a future version', JSON.stringify({ version: 9, holders: [{ pid: 1 }] })],
    [
      'with a pid of "12"',
      JSON.stringify({ pid: '12', run_id: 'r', command: 'c', started_at: 's', last_heartbeat: 's' }),
    ],
    [
      'with a pid of 1.5',
      JSON.stringify({ pid: 1.5, run_id: 'r', command: 'c', started_at: 's', last_heartbeat: 's' }),
    ],
    ['a record that nests for ever', '['.repeat(15_000)],
  ])('%s counts as held while it is fresh and is cleared once it is old', async (_name, text) => {
    fs.writeFileSync(weld.face, text);
    expect(await refused('LOCK_UNREADABLE')).toContain('active.lock');
    const { state, sentence } = await described();
    expect(state.kind).toBe('unreadable');
    expect(sentence).toContain('active.lock');
    weld.age(HOUR);
    expect((await described()).state.kind).not.toBe('held');
    await worksNow();
  });

  it('unreadable and a year ahead of the clock, which was set back, is cleared too', async () => {
    fs.writeFileSync(weld.face, '');
    weld.age(-365 * 24 * HOUR);
    await worksNow();
  });

  it('100 MB long is not read whole', async () => {
    fs.writeFileSync(weld.face, '{"pid": 1');
    fs.truncateSync(weld.face, 100 * 1024 * 1024);
    const before = process.memoryUsage().rss;
    await refused('LOCK_UNREADABLE');
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
    weld.age(HOUR);
    await worksNow();
  });

  it('a folder is nobody to clear away: it is refused, however old, and kept', async () => {
    fs.mkdirSync(weld.face);
    fs.writeFileSync(path.join(weld.face, 'theirs.txt'), 'kept');
    weld.age(HOUR);
    expect(await refused('LOCK_UNREADABLE')).toMatch(/folder/u);
    expect((await described()).sentence).toMatch(/folder.*move/su);
    fs.renameSync(weld.face, path.join(weld.outside, 'moved'));
    await worksNow();
  });

  it.each([
    ['to a file outside', true],
    ['to nowhere', false],
  ])('a symbolic link %s is not followed', async (_name, exists) => {
    const target = path.join(weld.outside, 'precious.json');
    if (exists)
      fs.writeFileSync(
        target,
        JSON.stringify({ pid: 2147483646, run_id: 'r', command: 'c', started_at: 's', last_heartbeat: 's' }),
      );
    fs.symlinkSync(target, weld.face);
    weld.age(HOUR);
    expect(await refused('LOCK_UNREADABLE')).toMatch(/symbolic link/u);
    expect(fs.existsSync(target)).toBe(exists);
    fs.unlinkSync(weld.face);
    await worksNow();
  });

  it.skipIf(process.platform === 'win32')('a pipe does not hang who looks', async () => {
    expect(spawnSync('mkfifo', [weld.face]).status).toBe(0);
    await refused('LOCK_UNREADABLE');
  });

  it.each([0, -1, -7, 2 ** 31, 2 ** 31 - 1, 2 ** 40, 4_194_305])(
    'with a pid of %d was left by nobody who could live, and is cleared',
    async (pid) => {
      weld.legacy(pid);
      expect((await described()).state.kind).not.toBe('held');
      await worksNow();
    },
  );

  it('with a pid of 1 is held', async () => {
    weld.legacy(1);
    expect(await refused('LOCK_HELD')).toContain('process 1');
  });

  it('with a year-old or future heartbeat is judged by its process alone', async () => {
    for (const at of ['2025-01-05T12:00:00.000000', '2094-01-05T12:00:00.000000', 'yesterday']) {
      weld.legacy(process.ppid, at);
      await refused('LOCK_HELD');
      weld.legacy(4_194_304, at);
      expect((await described()).state).toMatchObject({
        kind: 'stale',
        why: expect.stringContaining('4194304') as string,
      });
      await worksNow();
    }
  });

  it('with fields that nobody knows is judged by those that are known', async () => {
    fs.writeFileSync(
      weld.face,
      JSON.stringify({
        pid: process.ppid,
        run_id: 'r',
        command: 'c',
        started_at: 's',
        last_heartbeat: 's',
        colour: 'red',
        operation: ['of another form'],
        step: 'two',
        token: 'x',
        epoch: 3,
        host: 'elsewhere',
        boot_id: 'b',
      }),
    );
    expect((await described()).state).toMatchObject({ kind: 'held', where: 'other-host' });
    await refused('LOCK_HELD');
  });
});

describe('.weld/lock', () => {
  it('missing while a lock is held: no second holder, and the next one counts on', async () => {
    const lock = await acquireRunLock(weld.dir, request);
    fs.rmSync(weld.claims, { recursive: true });
    await refused('LOCK_HELD');
    expect(() => {
      lock.assertHeld();
    }).toThrow(
      expect.objectContaining({
        code: 'LOCK_LOST',
        message: expect.stringMatching(/was removed or replaced by another program;/u) as string,
      }),
    );
    await lock.release();
    fs.rmSync(weld.face, { force: true });
    await worksNow();
  });

  it('lost with a dead holder: the next epoch is higher than the last', async () => {
    weld.orphan(7);
    const lock = await acquireRunLock(weld.dir, request);
    expect(lock.record.epoch).toBe(8);
    await lock.release();
  });

  it.each([1_000_000_000_000, 999_999_999_999])(
    'lost, with a number of %d that no claim can have: unreadable while fresh, cleared once old',
    async (epoch) => {
      weld.orphan(epoch);
      expect(await refused('LOCK_UNREADABLE')).toContain('"epoch" is wrong');
      weld.age(HOUR);
      await worksNow();
      expect(claims()).toContain('e-000000000001');
    },
  );

  it('lost, with the very last number: refused with a sentence, for nothing could follow it', async () => {
    weld.orphan(999_999_999_998);
    expect(await refused('LOCK_UNREADABLE')).toMatch(
      /active\.lock: it has the highest possible number, 999999999998.*move/u,
    );
    fs.rmSync(weld.face);
    await worksNow();
  });

  it("full of strangers' files and folders: they stay, and the lock works", async () => {
    const uuid = '00000000-0000-4000-8000-000000000000';
    const folders = [
      'e-1',
      'e-000000000001',
      'e-000000000004',
      `stop-${uuid}`,
      `t-000000000001-${uuid}`,
      `d-000000000002-${uuid}`,
    ];
    for (let n = 0; n < 6; n++) await (await acquireRunLock(weld.dir, request)).release();
    for (const name of ['e-000000000001', 'e-000000000003', 'e-000000000004'])
      fs.unlinkSync(path.join(weld.claims, name));
    for (const name of folders) fs.mkdirSync(path.join(weld.claims, name));
    const strange = [
      'e-',
      'e-12',
      'e-1234567890123',
      'E-000000000009',
      'e-00000000000x',
      'readme.md',
      '.hidden',
      'e-000000000001.bak',
      'temporary',
      'draft-1',
      'stop-words',
      't-000000000001-notes',
      `stop-${uuid}.md`,
    ];
    for (const name of strange) fs.writeFileSync(path.join(weld.claims, name), name);
    const precious = path.join(weld.outside, 'precious');
    fs.writeFileSync(precious, 'kept');
    fs.symlinkSync(precious, path.join(weld.claims, 'e-000000000003'));
    for (let n = 0; n < 3000; n++) fs.writeFileSync(path.join(weld.claims, `stranger ${n}`), '');
    for (let n = 0; n < 40; n++) await (await acquireRunLock(weld.dir, request)).release();
    await worksNow();
    for (const name of strange) expect(fs.readFileSync(path.join(weld.claims, name), 'utf8')).toBe(name);
    for (const name of folders) expect(fs.statSync(path.join(weld.claims, name)).isDirectory()).toBe(true);
    expect(fs.readlinkSync(path.join(weld.claims, 'e-000000000003'))).toBe(precious);
    expect(fs.readFileSync(precious, 'utf8')).toBe('kept');
    const own = claims().filter((name) => name > 'e-000000000005');
    expect(own.length).toBeLessThan(2 * KEEP_CLAIMS);
    expect(fs.readdirSync(weld.claims)).toHaveLength(strange.length + folders.length + 1 + 3000 + own.length);
  });

  it.each([
    [
      'a folder',
      (file: string) => {
        fs.mkdirSync(file);
      },
    ],
    [
      'a symbolic link',
      (file: string) => {
        fs.symlinkSync('/etc/hostname', file);
      },
    ],
  ] as const)(
    'with %s where a claim would be: refused with a sentence, nothing followed or removed',
    async (_name, make) => {
      fs.mkdirSync(weld.claims);
      make(path.join(weld.claims, 'e-000000000005'));
      expect(await refused('LOCK_UNREADABLE')).toContain('e-000000000005');
    },
  );

  it('with an empty claim, as a power failure leaves it: cleared once it is old', async () => {
    fs.mkdirSync(weld.claims);
    const claim = path.join(weld.claims, 'e-000000000005');
    fs.writeFileSync(claim, '');
    await refused('LOCK_UNREADABLE');
    weld.age(HOUR, claim);
    await worksNow();
    expect(claims()).toContain('e-000000000006');
  });

  it.each([
    ['.weld/lock', false],
    ['.weld', true],
  ])('%s as a symbolic link to outside is not followed', async (_name, whole) => {
    const elsewhere = path.join(weld.outside, 'elsewhere');
    fs.mkdirSync(elsewhere);
    if (whole) fs.rmdirSync(weld.dir);
    fs.symlinkSync(elsewhere, whole ? weld.dir : weld.claims);
    expect(await refused('LOCK_UNREADABLE')).toMatch(/symbolic link/u);
    expect(fs.readdirSync(elsewhere)).toEqual([]);
  });

  it('a file in its place: refused with a sentence', async () => {
    fs.writeFileSync(weld.claims, 'mine');
    expect(await refused('LOCK_UNREADABLE')).toMatch(/lock: it is not a folder/u);
  });
});

it('a command longer than a record may be does not make our own record unreadable', async () => {
  const lock = await acquireRunLock(weld.dir, { runId: 'r'.repeat(50_000), command: 'ä"\\\n'.repeat(20_000) });
  expect(await inspectLock(weld.dir)).toMatchObject({ kind: 'held', where: 'here' });
  lock.assertHeld();
  await lock.release();
  await worksNow();
});

it('no .weld folder at all: one sentence, and none is made', async () => {
  fs.rmdirSync(weld.dir);
  expect(await inspectLock(weld.dir)).toEqual({ kind: 'free' });
  await expect(acquireRunLock(weld.dir, request)).rejects.toBeInstanceOf(WeldError);
  expect(fs.existsSync(weld.dir)).toBe(false);
});

const claims = (): string[] => fs.readdirSync(weld.claims).filter((name) => /^e-\d{12}$/u.test(name));
