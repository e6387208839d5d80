import type { Claim } from './claim';
import type { LockFs } from './fs';
import { assertClaim, heartbeat, lose, release } from './held';
import type { Keeping } from './hold';
import { type HoldAgainInput, holdAgain } from './holdAgain';
import { giveUpLater } from './owed';
import { runNow } from './program';
import type { LockRecord } from './types';

export interface KeepClaimOptions {
  /** This process's claims before it, freed and still open. */
  readonly before: readonly Claim[];
  readonly successor: () => LockRecord | null;
  /** Takes all of them over once the claim is free, its descriptor still open. */
  readonly released: (claims: readonly Claim[]) => void;
  /** Makes the folders that were removed with the lock; null when something else stands in their place. */
  readonly again: () => HoldAgainInput | null;
}

/** Keeps a lock by its claim; by the next one, when all of the lock was removed and nobody came in between. */
export function keepClaim(
  fs: LockFs,
  first: Claim,
  { before: earlier, successor, released, again }: KeepClaimOptions,
): Keeping {
  let claim = first;
  let before = earlier;
  let removals = 0;
  const closeBefore = (): void => {
    for (const { handle } of before) fs.close(handle);
    before = [];
  };
  /** @param free the disk has taken it that the claim is */
  const letGo = (free: boolean): void => {
    closeBefore();
    if (!free) giveUpLater(fs, claim);
  };
  const still = (): boolean => {
    if (runNow(fs, assertClaim(claim))) return true;
    const input = again();
    const next = input && runNow(fs, holdAgain(input, claim));
    if (!next) return false;
    closeBefore();
    claim = next;
    removals += 1;
    return true;
  };
  return {
    weldDir: claim.names.weldDir,
    get record() {
      return claim.record;
    },
    get removals() {
      return removals;
    },
    assert: still,
    beat: (at) => still() && runNow(fs, heartbeat(claim, at)),
    release() {
      if (runNow(fs, release(claim))) released([...before, claim]);
      else letGo(false);
    },
    lose() {
      letGo(runNow(fs, lose(claim)));
    },
    successor,
  };
}
