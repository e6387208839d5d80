import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LockManager } from '../../../../src/core/lock/manager';
import { WeldFolder } from './weldFolder';

const request = { runId: '20260105-120000-manager', command: 'plan' };

let weld: WeldFolder;
beforeEach(() => {
  weld = new WeldFolder();
});
afterEach(() => {
  weld.remove();
});

it('a record says what its holder does to people and to programs', async () => {
  const lock = await new LockManager().acquire(weld.dir, {
    ...request,
    command: 'step loop 2',
    operation: 'step loop',
    step: 2,
  });
  expect(weld.record).toMatchObject({ command: 'step loop 2', operation: 'step loop', step: 2 });
  await lock.release();
});

describe('two lock managers in one process', () => {
  it('share nothing but the disk', async () => {
    const [first, second] = [new LockManager(), new LockManager()];
    const lock = await first.acquire(weld.dir, request);
    await expect(second.acquire(weld.dir, request)).rejects.toMatchObject({ code: 'LOCK_HELD' });
    await lock.release();
    for (const [manager, epoch] of [
      [first, 2],
      [second, 3],
      [first, 4],
    ] as const) {
      const next = await manager.acquire(weld.dir, request);
      expect(next.record.epoch).toBe(epoch);
      await next.release();
    }
    for (const manager of [first, second]) manager.forgetOwnClaims(weld.dir);
    expect(second.inspect(weld.dir)).toEqual({ kind: 'free' });
  });
});
