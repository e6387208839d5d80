import type { Claim } from './claim';
import type { LockFs } from './fs';
import { assertClaim, heartbeat, lose, release } from './held';
import type { Keeping } from './hold';
import { giveUpLater } from './owed';
import { runNow } from './program';
import type { LockRecord } from './types';

export interface KeepClaimOptions {
  /** This process's claims before it, freed and still open. */
  readonly before: readonly Claim[];
  readonly successor: () => LockRecord | null;
  /** Takes all of them over once the claim is free, its descriptor still open. */
  readonly released: (claims: readonly Claim[]) => void;
}

/** Keeps a lock by its claim. */
export function keepClaim(fs: LockFs, claim: Claim, { before, successor, released }: KeepClaimOptions): Keeping {
  /** @param free the disk has taken it that the claim is */
  const letGo = (free: boolean): void => {
    for (const { handle } of before) fs.close(handle);
    if (!free) giveUpLater(fs, claim);
  };
  return {
    weldDir: claim.names.weldDir,
    get record() { return claim.record; },
    assert: () => runNow(fs, assertClaim(claim)),
    beat: (at) => runNow(fs, heartbeat(claim, at)),
    release() {
      if (runNow(fs, release(claim))) released([...before, claim]);
      else letGo(false);
    },
    lose() { letGo(runNow(fs, lose(claim))); },
    successor,
  };
}
