import type { LastClaim } from './acquire';
import type { Claim } from './claim';
import type { LockFs } from './fs';

/**
 * This process's last claim of each `.weld` folder, given back and kept open, one descriptor a folder: as long as
 * nobody came after it there is nothing to read before the next one.
 */
export class OwnClaims {
  private readonly claims = new Map<string, Claim>();

  constructor(private readonly fs: LockFs) {}

  last(weldDir: string): LastClaim | undefined { return this.claims.get(weldDir); }

  /** @param claim freed, its descriptor still open: it is this object's to close from now on */
  keep(weldDir: string, claim: Claim): void {
    this.forget(weldDir);
    this.claims.set(weldDir, claim);
  }

  forget(weldDir: string): void {
    const claim = this.claims.get(weldDir);
    if (!claim) return;
    this.claims.delete(weldDir);
    this.fs.close(claim.handle);
  }
}
