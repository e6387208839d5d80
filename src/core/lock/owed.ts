import { isErrno } from '../errors';
import { type Claim, giveUp } from './claim';
import type { LockFs } from './fs';
import { runNow } from './program';

/** How often a claim that the disk did not let us give up is tried again, in ms. */
const AGAIN_MS = 1_000;

/**
 * Gives a claim up that could not be given up, as on a full disk, as soon as the disk lets us: until then it would keep
 * everybody out for as long as this process lives.
 */
export function giveUpLater(fs: LockFs, claim: Claim): void {
  const timer = setInterval(() => {
    try {
      if (runNow(fs, giveUp(claim))) clearInterval(timer);
    } catch (error) {
      clearInterval(timer);
      if (!isErrno(error)) throw error;
    }
  }, AGAIN_MS);
  // A process that ends has given it up too.
  timer.unref();
}
