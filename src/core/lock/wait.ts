import * as fs from 'node:fs';
import { WeldError } from '../errors';
import { LockNames } from './names';

/** The death of a process raises no event in a folder, so a waiter also looks this often, in ms. */
const LOOK_MS = 100;

/**
 * Resolves when the lock may have become free, at the latest after `timeoutMs`: woken by the release, which removes
 * `active.lock`, not by a long poll. @throws WeldError `CANCELLED` when the signal is aborted
 */
export async function untilItMayBeFree(weldDir: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const { face } = new LockNames(weldDir);
  const cancelled = (): WeldError => new WeldError('CANCELLED', 'Waiting for the run lock was cancelled; nothing was changed.');
  if (signal?.aborted) throw cancelled();
  await new Promise<void>((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      watcher?.close();
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = (): void => { finish(() => { reject(cancelled()); }); };
    const timer = setTimeout(() => { finish(resolve); }, Math.min(LOOK_MS, Math.max(1, timeoutMs)));
    const watcher = watch(weldDir, () => { if (!fs.existsSync(face)) finish(resolve); });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Where watching is not to be had (network shares, no watches left) the regular look remains. */
function watch(folder: string, onChange: () => void): fs.FSWatcher | undefined {
  try {
    const watcher = fs.watch(folder, { persistent: false }, onChange);
    watcher.on('error', () => { watcher.close(); });
    return watcher;
  } catch {
    return undefined;
  }
}
