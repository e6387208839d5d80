import * as fs from 'node:fs';
import { WeldError } from '../util/errors';
import { LockNames } from './lockNames';

/** Time in ms between two checks of a waiter, because the death of a process raises no event in a folder. */
const LOOK_MS = 100;

/** Time in ms to the next check when the lock is held but has no face: its holder is about to link one. */
const SOON_MS = 5;

/**
 * Resolves when the lock may have become free, at the latest after `timeoutMs`. The release wakes it by removing
 * `active.lock`, so nobody waits for a long poll.
 * @param lookMs maximum time in ms to wait for that event
 * @throws WeldError `CANCELLED` when the signal is aborted
 */
export async function untilItMayBeFree(
  weldDir: string,
  timeoutMs: number,
  signal?: AbortSignal,
  lookMs = LOOK_MS,
): Promise<void> {
  const { face } = new LockNames(weldDir);
  const cancelled = (): WeldError =>
    new WeldError('CANCELLED', 'Waiting for the run lock was cancelled; nothing was changed.');
  if (signal?.aborted) throw cancelled();
  await new Promise<void>((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      watcher?.close();
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = (): void => {
      finish(() => {
        reject(cancelled());
      });
    };
    const watcher = watch(weldDir, () => {
      if (!fs.existsSync(face)) finish(resolve);
    });
    // A release before the watch began raises no event.
    const nextLook = fs.existsSync(face) ? lookMs : SOON_MS;
    const timer = setTimeout(
      () => {
        finish(resolve);
      },
      Math.min(nextLook, Math.max(1, timeoutMs)),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Where watching fails (network shares, no watches left), the regular check remains. */
function watch(folder: string, onChange: () => void): fs.FSWatcher | undefined {
  try {
    const watcher = fs.watch(folder, { persistent: false }, onChange);
    watcher.on('error', () => {
      watcher.close();
    });
    return watcher;
  } catch {
    return undefined;
  }
}
