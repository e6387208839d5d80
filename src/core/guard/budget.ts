import { WeldError } from '../errors';
import { endingWith } from '../git/run-git';
import type { GuardedOperation } from './types';

/**
 * After the person has stopped an operation the guard still works for so long, in ms; the rest is the next command's to
 * do.
 */
const STILL_MS = 1_500;

/**
 * Does what follows on a guest's work: it goes on for a moment after Stop, and not longer, whatever git it waits for.
 * A lost lock ends the operation as well, but then nobody waits, and all that there is to bring back is brought back.
 * @param work is given the signal that ends it @throws WeldError `CANCELLED` when that came; else what `work` throws
 */
export async function soonAfterStop<T>(
  { signal, lock }: GuardedOperation,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    if (lock.signal.aborted) return;
    timer ??= setTimeout(() => {
      late.abort(new WeldError('CANCELLED', 'Cancelled; what a guest removed is brought back by the next command.'));
    }, STILL_MS);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  try {
    return await endingWith(late.signal, () => work(late.signal));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', begin);
  }
}
