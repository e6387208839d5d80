import * as fs from 'node:fs';
import { isErrno, reason, WeldError } from '../util/errors';
import { realFolders } from './folders';
import { LockNames } from './names';
import type { RunLock } from './runLock';

/** How often a holder looks for the wish that it stop, in ms; a look is one `stat`. */
const LOOK_MS = 500;

/**
 * Asks the holder of this token to end its operation in order and release. It is a wish in a file beside the lock,
 * so it reaches a holder in another window, on another host, or with its connection lost.
 * @throws WeldError `LOCK_UNREADABLE`, `NOT_WRITABLE`
 */
export function requestStop(weldDir: string, token: string): void {
  const names = new LockNames(weldDir);
  const wrong = realFolders(names);
  if (wrong) throw wrong;
  try {
    // Whatever has this name already is the wish; a link is not written through.
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
 * Calls `onRequest` once when somebody asks this lock's holder to stop. @returns how to stop watching; cleans the wish
 * up
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
