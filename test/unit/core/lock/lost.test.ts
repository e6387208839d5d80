import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { acquireRunLock, inspectLock, LockLostError } from '../../../../src/core/lock';
import { useLockWorker } from './useLockWorker';

const request = { runId: '20260105-120000-lost', command: 'step loop 1' };

const here = useLockWorker();

const thrownBy = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('who lost the lock', { timeout: 60_000 }, () => {
  it.each([
    ['still has it', false],
    ['has given it back at once', true],
  ])('is told who took it over, also when that one %s', async (_name, released) => {
    const lock = await acquireRunLock(here.weld.dir, request);
    const { signal } = lock;
    expect(await here.worker.tell({ do: 'takeOver', token: lock.record.token ?? '' })).toMatchObject({ ok: true });
    if (released) await here.worker.tell({ do: 'release' });
    const error = thrownBy(() => {
      lock.assertHeld();
    });
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({
      code: 'LOCK_LOST',
      by: { pid: here.worker.pid, command: `worker ${here.worker.pid}` },
    });
    expect((error as LockLostError).message).toContain(
      `taken over by worker ${here.worker.pid} (run 20260105-120000-worker), process ${here.worker.pid} on `,
    );
    expect(signal.reason).toBe(error);
    expect(
      thrownBy(() => {
        lock.assertHeld();
      }),
    ).toBe(error);
  });
});

describe('all of the lock is removed, as a clean-up of the tree does', { timeout: 60_000 }, () => {
  const removeAll = (): void => {
    fs.rmSync(here.weld.dir, { recursive: true });
  };

  it('is held on under its own token, also between two heartbeats, and released as ever', async () => {
    const lock = await acquireRunLock(here.weld.dir, { ...request, heartbeatMs: 20 });
    for (const removals of [1, 2]) {
      removeAll();
      await expect.poll(() => lock.removals, { timeout: 10_000 }).toBe(removals);
      lock.assertHeld();
      expect(await inspectLock(here.weld.dir)).toMatchObject({
        kind: 'held',
        where: 'here',
        holder: { token: lock.record.token, command: request.command },
      });
    }
    expect(lock.signal.aborted).toBe(false);
    await lock.release();
    await (await acquireRunLock(here.weld.dir, request)).release();
    expect(await inspectLock(here.weld.dir)).toEqual({ kind: 'free' });
  });

  it('is lost when somebody else has come in between, even if that one has gone again', async () => {
    const lock = await acquireRunLock(here.weld.dir, request);
    removeAll();
    fs.mkdirSync(here.weld.dir);
    await here.worker.hold();
    await here.worker.tell({ do: 'release' });
    expect(
      thrownBy(() => {
        lock.assertHeld();
      }),
    ).toMatchObject({ code: 'LOCK_LOST' });
    await (await acquireRunLock(here.weld.dir, request)).release();
  });

  it('is lost when it had been taken over before, and nothing else tells of that any more', async () => {
    const lock = await acquireRunLock(here.weld.dir, request);
    await here.worker.tell({ do: 'takeOver', token: lock.record.token ?? '' });
    await here.worker.tell({ do: 'release' });
    removeAll();
    expect(
      thrownBy(() => {
        lock.assertHeld();
      }),
    ).toMatchObject({ code: 'LOCK_LOST' });
  });

  it('is lost, and nothing is written, where a link leads elsewhere instead', async () => {
    const lock = await acquireRunLock(here.weld.dir, request);
    removeAll();
    const elsewhere = fs.mkdtempSync(`${here.weld.dir}-elsewhere-`);
    fs.symlinkSync(elsewhere, here.weld.dir);
    expect(
      thrownBy(() => {
        lock.assertHeld();
      }),
    ).toMatchObject({ code: 'LOCK_LOST' });
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    fs.rmSync(here.weld.dir);
    fs.rmSync(elsewhere, { recursive: true });
    fs.mkdirSync(here.weld.dir);
  });
});

describe('what is no record', { timeout: 60_000 }, () => {
  it('is left byte for byte, also where its name is that of a claim: it may be a second name of any file', async () => {
    const victim = `${here.weld.outside}/victim`;
    fs.writeFileSync(victim, 'Host *\n');
    fs.mkdirSync(here.weld.claims);
    fs.linkSync(victim, `${here.weld.claims}/e-000000000007`);
    here.weld.age(3_600_000, victim);
    await (await acquireRunLock(here.weld.dir, request)).release();
    expect(fs.readFileSync(victim, 'utf8')).toBe('Host *\n');
  });
});

describe('a disk that takes nothing', { timeout: 60_000 }, () => {
  it('at the release: the lock is given up as soon as the disk lets it, while its process lives on', async () => {
    await here.worker.hold();
    await here.worker.tell({ do: 'fail', call: 'writeSync', code: 'ENOSPC' });
    expect(await here.worker.tell({ do: 'release' })).toMatchObject({ ok: true });
    await expect(acquireRunLock(here.weld.dir, request)).rejects.toMatchObject({
      code: 'LOCK_HELD',
      holder: { pid: here.worker.pid },
    });
    await here.worker.tell({ do: 'fail', call: 'writeSync' });
    const lock = await acquireRunLock(here.weld.dir, { ...request, wait: { timeoutMs: 30_000 } });
    lock.assertHeld();
    await lock.release();
  });

  it('when the lock is lost behind a foreign face: the same', async () => {
    await here.worker.hold();
    fs.rmSync(here.weld.face);
    here.weld.legacy(4_194_304);
    await here.worker.tell({ do: 'fail', call: 'writeSync', code: 'EIO' });
    expect(await here.worker.tell({ do: 'assert' })).toMatchObject({ code: 'LOCK_LOST' });
    await here.worker.tell({ do: 'fail', call: 'writeSync' });
    await (await acquireRunLock(here.weld.dir, { ...request, wait: { timeoutMs: 30_000 } })).release();
    expect(await inspectLock(here.weld.dir)).toEqual({ kind: 'free' });
  });
});
