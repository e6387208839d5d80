import * as fs from 'node:fs';
import { WeldError } from '../util/errors';
import { LockNames } from './names';

/** The death of a process raises no event in a folder, so a waiter also looks this often, in ms. */
const LOOK_MS = 100;

/** The face is gone and yet somebody holds: that one is about to show it or to heal it. In ms. */
const SOON_MS = 5;

/**
 * Resolves when the lock may have become free, at the latest after `timeoutMs`: woken by the release, which removes
 * `active.lock`, not by a long poll.
 * @param lookMs how often to look without being woken; @throws WeldError `CANCELLED` when the signal is aborted
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
    // What was released before the watch began raises no event.
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

/** Where watching is not to be had (network shares, no watches left) the regular look remains. */
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
