import { LockManager } from './manager';
import type { LockMechanism, LockRequest, LockState, RunLock } from './runLock';

export { describeHolder, describeLock } from './record';
export { requestStop, watchStopRequests } from './requestStop';
export type { LockRecord, LockRequest, LockState, RunLock } from './runLock';
export { LockHeldError, LockLostError } from './runLock';

/**
 * The only state of the lock at module level: the commands, the status item and the doctor of one process must share
 * what it holds and has observed. Tests make their own managers.
 */
const manager = new LockManager();

/**
 * Takes the run lock; a refused attempt writes nothing.
 * @param weldDir absolute path of the `.weld` folder, which exists
 * @throws LockHeldError `LOCK_HELD` naming the holder; WeldError `LOCK_UNREADABLE`, `CANCELLED`, `NOT_WRITABLE`,
 *   `DISK_FULL`
 */
export function acquireRunLock(weldDir: string, request: LockRequest): Promise<RunLock> {
  return manager.acquire(weldDir, request);
}

/**
 * Takes the lock from a live holder, because a person decided so.
 * @param expectedToken the token of the record that the person was shown
 * @throws WeldError `LOCK_TOKEN_CHANGED` when another process holds it now; else as `acquireRunLock`
 */
export function takeOverLock(weldDir: string, expectedToken: string, request: LockRequest): Promise<RunLock> {
  return manager.takeOver(weldDir, expectedToken, request);
}

/** Reads and judges the lock. It writes nothing; a lock that cannot be read is reported as a state, not thrown. */
export async function inspectLock(weldDir: string): Promise<LockState> {
  await Promise.resolve();
  return manager.inspect(weldDir);
}

/** How this folder's lock works: by hard links, or by `proper-lockfile` where there are none (exFAT, some shares). */
export async function lockMechanism(weldDir: string): Promise<LockMechanism> {
  await Promise.resolve();
  return manager.mechanism(weldDir);
}

/** Closes the released claims that this process keeps open in a `.weld` folder that it no longer uses. */
export function forgetOwnClaims(weldDir: string): void {
  manager.forgetOwnClaims(weldDir);
}
