import * as path from 'node:path';

/** Claims kept for whoever judges at this moment; older ones are collected. */
export const KEEP_CLAIMS = 16;

/** Where one repository's lock lives: `active.lock` is the face, the claims in `lock/` are the truth. */
export class LockNames {
  readonly face: string;
  readonly folder: string;
  constructor(readonly weldDir: string) {
    this.face = path.join(weldDir, 'active.lock');
    this.folder = path.join(weldDir, 'lock');
  }
  claim(epoch: number): string { return path.join(this.folder, claimName(epoch)); }
  /** A record on its way to become a claim. */
  temporary(token: string): string { return path.join(this.folder, `t-${token}`); }
  /** A face moved aside to be looked at. */
  aside(token: string): string { return path.join(this.folder, `d-${token}`); }
  /** The wish of another window that the holder of this token stops in order. */
  stop(token: string): string { return path.join(this.folder, `stop-${token.replace(/[^\w-]/gu, '')}`); }
  inFolder(name: string): string { return path.join(this.folder, name); }
}

export function claimName(epoch: number): string {
  return `e-${String(epoch).padStart(12, '0')}`;
}

/** @returns the epochs of all claims among the names, ascending; strangers' files are passed over */
export function epochsOf(names: readonly string[]): number[] {
  const epochs: number[] = [];
  for (const name of names) {
    const digits = /^e-(\d{12})$/u.exec(name)?.[1];
    if (digits !== undefined) epochs.push(Number(digits));
  }
  return epochs.sort((a, b) => a - b);
}
