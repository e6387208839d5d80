import { acquire, fastReacquire, successorOf } from './acquire';
import type { Claim, Claimed, ClaimInput } from './claim';
import { inTheWay, realFolders, remake } from './folders';
import { type LockFs, nodeFs } from './fs';
import { holdClaim, type Outcome, retryRelease } from './hold';
import { runNow } from './program';
import { lockNames, newRecord, surveyInput } from './request';
import type { LockRecord, LockRequest } from './runLock';
import { refusal, stateOf } from './survey';

/**
 * This process's own last claims of each `.weld` folder, given back and kept open: as long as nobody came after them
 * there is nothing to read before the next one, and no file to make once the oldest is due.
 */
export class OwnClaims {
  private readonly claims = new Map<string, readonly Claim[]>();

  constructor(private readonly fs: LockFs) {}

  /** @returns the claims, the oldest first; they are the caller's to close from now on */
  take(weldDir: string): readonly Claim[] {
    const claims = this.claims.get(weldDir) ?? [];
    this.claims.delete(weldDir);
    return claims;
  }

  /** @param claims freed, their descriptors still open: they are this object's to close from now on */
  keep(weldDir: string, claims: readonly Claim[]): void {
    this.forget(weldDir);
    this.claims.set(weldDir, claims);
  }

  forget(weldDir: string): void {
    for (const { handle } of this.take(weldDir)) this.fs.close(handle);
  }
}

const ownClaims = new OwnClaims(nodeFs);

/**
 * Closes what this process keeps open of a `.weld` folder that it is done with: its last claims there, given back
 * before.
 */
export function forgetOwnClaims(weldDir: string): void {
  ownClaims.forget(weldDir);
}

/** One attempt by the protocol's own means. @param takeOver a live holder with this token may be displaced */
export function acquireByHardLinks(weldDir: string, request: LockRequest, takeOver: string | undefined): Outcome {
  const claiming: ClaimInput = { names: lockNames(weldDir), record: newRecord(request), retryRelease };
  const again = runNow(nodeFs, fastReacquire(claiming, ownClaims.take(weldDir)));
  if (again) return again.kind === 'acquired' ? kept(again, request) : again;
  const wrong = realFolders(claiming.names);
  if (wrong) return { kind: 'refused', error: wrong };
  const got = runNow(
    nodeFs,
    acquire({
      ...surveyInput(weldDir, request.staleAfterMs),
      ...claiming,
      ...(takeOver !== undefined && { takeOver }),
    }),
  );
  if (got.kind === 'refused') return { kind: 'refused', error: refusal(stateOf(got.found)) };
  return got.kind === 'acquired' ? kept(got, request) : got;
}

function kept({ claim, before }: Claimed & { readonly kind: 'acquired' }, { staleAfterMs }: LockRequest): Outcome {
  const { weldDir } = claim.names;
  return {
    kind: 'acquired',
    handle: holdClaim(claim, {
      before,
      successor: () => whoDisplaced(weldDir, claim.record),
      released: (claims) => {
        ownClaims.keep(weldDir, claims);
      },
      again: () => (remake(claim.names) ? { ...surveyInput(weldDir, staleAfterMs), retryRelease } : null),
    }),
  };
}

/** For the sentence of the one who lost; it never fails. */
function whoDisplaced(weldDir: string, own: LockRecord): LockRecord | null {
  try {
    const input = surveyInput(weldDir);
    return inTheWay(input.names) === null ? runNow(nodeFs, successorOf(input, own)) : null;
  } catch {
    return null;
  }
}
