import * as fs from 'node:fs';
import * as path from 'node:path';
import { acquireRunLock, LockHeldError, LockLostError, type RunLock, takeOverLock } from '../../src/core/lock';
import { WeldError } from '../../src/core/util/errors';
import { tick } from './events';

/** A held lock, as workers use it. */
export interface Held {
  readonly epoch: number;
  /** @returns false if the lock is lost */
  assertHeld(): boolean;
  release(): Promise<void>;
}

/** The holder that a worker found instead of a free lock. */
export interface Busy {
  readonly token: string | undefined;
  readonly epoch: number;
}

export interface TorturedLock {
  acquire(waitMs: number): Promise<Held | Busy>;
  /** @returns null if the holder has changed */
  takeOver(token: string): Promise<Held | null>;
}

/** Frequent, so that stops hit heartbeats. */
const HEARTBEAT_MS = 15;

export function weldLock(weldDir: string): TorturedLock {
  const request = { runId: '20260105-120000-torture', command: 'torture', heartbeatMs: HEARTBEAT_MS };
  return {
    async acquire(waitMs) {
      try {
        return asHeld(
          await acquireRunLock(weldDir, { ...request, ...(waitMs > 0 && { wait: { timeoutMs: waitMs } }) }),
        );
      } catch (error) {
        if (error instanceof LockHeldError) return { token: error.holder.token, epoch: error.holder.epoch ?? -1 };
        if (error instanceof WeldError && error.code === 'LOCK_UNREADABLE') return { token: undefined, epoch: -1 };
        throw error;
      }
    },
    async takeOver(token) {
      try {
        return asHeld(await takeOverLock(weldDir, token, request));
      } catch (error) {
        if (
          error instanceof LockHeldError ||
          (error instanceof WeldError && (error.code === 'LOCK_TOKEN_CHANGED' || error.code === 'LOCK_UNREADABLE'))
        )
          return null;
        throw error;
      }
    },
  };
}

function asHeld(lock: RunLock): Held {
  return {
    epoch: lock.record.epoch ?? -1,
    assertHeld() {
      try {
        lock.assertHeld();
        return true;
      } catch (error) {
        if (error instanceof LockLostError) return false;
        throw error;
      }
    },
    release: () => lock.release(),
  };
}

/** The rule of most tools: exclusive create, and unlink a stale lock. Shows that the judge notices its violations. */
export function naiveLock(weldDir: string): TorturedLock {
  const file = path.join(weldDir, 'active.lock');
  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  return {
    async acquire() {
      await Promise.resolve();
      for (;;) {
        try {
          const handle = fs.openSync(file, 'wx');
          fs.writeSync(handle, String(process.pid));
          fs.closeSync(handle);
          return {
            epoch: tick(),
            assertHeld: () => true,
            release: async () => {
              await fs.promises.rm(file, { force: true });
            },
          };
        } catch {
          let pid = 0;
          try {
            pid = Number(fs.readFileSync(file, 'utf8'));
          } catch {
            continue;
          }
          if (pid > 0 && alive(pid)) return { token: undefined, epoch: -1 };
          fs.rmSync(file, { force: true });
        }
      }
    },
    takeOver: () => Promise.resolve(null),
  };
}
