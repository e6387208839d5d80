import type { Claim } from './claim';
import type { LockFs } from './fs';
import { assertClaim, heartbeat, lose, release } from './held';
import type { Keeping } from './hold';
import { giveUpLater } from './owed';
import { runNow } from './program';
import type { LockRecord } from './types';

/** Keeps a lock by its claim. @param released takes the claim over once it is free, its descriptor still open */
export function keepClaim(fs: LockFs, claim: Claim, options: { readonly successor: () => LockRecord | null; readonly released: (claim: Claim) => void }): Keeping {
  return {
    weldDir: claim.names.weldDir,
    get record() { return claim.record; },
    assert: () => runNow(fs, assertClaim(claim)),
    beat: (at) => runNow(fs, heartbeat(claim, at)),
    release() {
      if (runNow(fs, release(claim))) options.released(claim);
      else giveUpLater(fs, claim);
    },
    lose() {
      if (!runNow(fs, lose(claim))) giveUpLater(fs, claim);
    },
    successor: options.successor,
  };
}
