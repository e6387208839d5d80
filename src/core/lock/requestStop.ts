import * as fs from 'node:fs';
import { isErrno, reason, WeldError } from '../util/errors';
import { realFolders } from './folders';
import { LockNames } from './lockNames';
import type { RunLock } from './runLock';

/** Time in ms between two checks of a holder for a stop request; one check is one `stat`. */
const LOOK_MS = 500;

/**
 * Asks the holder of this token to stop cleanly and release the lock. The request is a file beside the lock, so it
 * reaches a holder in another window, on another host, or with a lost connection.
 * @throws WeldError `LOCK_UNREADABLE`, `NOT_WRITABLE`
 */
export function requestStop(weldDir: string, token: string): void {
  const names = new LockNames(weldDir);
  const wrong = realFolders(names);
  if (wrong) throw wrong;
  try {
    // A file that exists already is the request; a symbolic link is not followed.
    fs.writeFileSync(names.stop(token), '', { flag: 'wx' });
  } catch (error) {
    if (!isErrno(error)) throw error;
    if (error.code === 'EEXIST') return;
    throw new WeldError(
      'NOT_WRITABLE',
      `The holder of the run lock cannot be asked to stop (${reason(error)}); give yourself write access to ` +
        `${names.folder}, or end it where it runs.`,
      { cause: error },
    );
  }
}

/**
 * Calls `onRequest` once when this lock's holder is asked to stop.
 * @returns a function that stops watching and removes the request
 */
export function watchStopRequests(lock: RunLock, onRequest: () => void): () => void {
  const file = new LockNames(lock.weldDir).stop(lock.record.token ?? '');
  let asked = false;
  const timer = setInterval(() => {
    if (asked || !fs.lstatSync(file, { throwIfNoEntry: false })) return;
    asked = true;
    onRequest();
  }, LOOK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    try {
      fs.unlinkSync(file);
    } catch (error) {
      if (!isErrno(error)) throw error;
    }
  };
}
