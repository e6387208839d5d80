import type { Claim } from './claim';
import type { LockFs } from './fs';

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
