import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acquireRunLock, forgetOwnClaim, inspectLock, LockLostError } from '../../../../src/core/lock';
import { bundlePuppet, Puppet } from './puppets';
import { WeldFolder } from './weldFolder';

const request = { runId: '20260105-120000-lost', command: 'step loop 1' };

let program: string;
let weld: WeldFolder;
let puppet: Puppet;
beforeAll(async () => { program = await bundlePuppet(); });
afterAll(() => { fs.rmSync(program, { force: true }); });
beforeEach(() => {
  weld = new WeldFolder();
  puppet = Puppet.start(program, weld.dir);
});
afterEach(async () => {
  await puppet.kill();
  weld.remove();
});

const thrownBy = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('who lost the lock', { timeout: 60_000 }, () => {
  it.each([['still has it', false], ['has given it back at once', true]])('is told who took it over, also when that one %s', async (_name, released) => {
    const lock = await acquireRunLock(weld.dir, request);
    const { signal } = lock;
    expect(await puppet.tell({ do: 'takeOver', token: lock.record.token ?? '' })).toMatchObject({ ok: true });
    if (released) await puppet.tell({ do: 'release' });
    const error = thrownBy(() => { lock.assertHeld(); });
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({ code: 'LOCK_LOST', by: { pid: puppet.pid, command: `puppet ${puppet.pid}` } });
    expect((error as LockLostError).message).toContain(`taken over by puppet ${puppet.pid} (run 20260105-120000-puppet), process ${puppet.pid} on `);
    expect(signal.reason).toBe(error);
    expect(thrownBy(() => { lock.assertHeld(); })).toBe(error);
  });
});

describe('a disk that takes nothing', { timeout: 60_000 }, () => {
  it('at the release: the lock is given up as soon as the disk lets it, while its process lives on', async () => {
    await puppet.hold();
    await puppet.tell({ do: 'fail', call: 'writeSync', code: 'ENOSPC' });
    expect(await puppet.tell({ do: 'release' })).toMatchObject({ ok: true });
    await expect(acquireRunLock(weld.dir, request)).rejects.toMatchObject({ code: 'LOCK_HELD', holder: { pid: puppet.pid } });
    await puppet.tell({ do: 'fail', call: 'writeSync' });
    const lock = await acquireRunLock(weld.dir, { ...request, wait: { timeoutMs: 30_000 } });
    lock.assertHeld();
    await lock.release();
  });

  it('when the lock is lost behind a foreign face: the same', async () => {
    await puppet.hold();
    fs.rmSync(weld.face);
    weld.legacy(4_194_304);
    await puppet.tell({ do: 'fail', call: 'writeSync', code: 'EIO' });
    expect(await puppet.tell({ do: 'assert' })).toMatchObject({ code: 'LOCK_LOST' });
    await puppet.tell({ do: 'fail', call: 'writeSync' });
    await (await acquireRunLock(weld.dir, { ...request, wait: { timeoutMs: 30_000 } })).release();
    expect(await inspectLock(weld.dir)).toEqual({ kind: 'free' });
  });
});

it.skipIf(process.platform !== 'linux')('a folder that one is done with is not kept open', async () => {
  const open = (): number => fs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(weld.claims);
    } catch {
      return false;
    }
  }).length;
  await (await acquireRunLock(weld.dir, request)).release();
  expect(open()).toBe(1);
  forgetOwnClaim(weld.dir);
  expect(open()).toBe(0);
  await (await acquireRunLock(weld.dir, request)).release();
});
