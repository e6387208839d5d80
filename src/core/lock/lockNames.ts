import * as path from 'node:path';

/** Number of claims kept for processes that are judging now. Older ones are collected, or raised by their process. */
export const KEEP_CLAIMS = 16;

/** The paths of one repository's lock: `active.lock` is the face, the claims in `lock/` are the truth. */
export class LockNames {
  readonly face: string;
  readonly folder: string;
  private readonly inside: string;
  constructor(readonly weldDir: string) {
    this.face = path.join(weldDir, 'active.lock');
    this.folder = path.join(weldDir, 'lock');
    this.inside = this.folder + path.sep;
  }
  claim(epoch: number): string {
    return this.inside + claimName(epoch);
  }
  /** A record that is about to become the claim `epoch`. */
  temporary(epoch: number, token: string): string {
    return `${this.inside}t-${twelve(epoch)}-${token}`;
  }
  /** A face that the claim `epoch` moved aside to check it. */
  aside(epoch: number, token: string): string {
    return `${this.inside}d-${twelve(epoch)}-${token}`;
  }
  /** A request from another window that the holder of this token stops cleanly. */
  stop(token: string): string {
    return `${this.inside}stop-${token.replace(/[^\w-]/gu, '')}`;
  }
  inFolder(name: string): string {
    return this.inside + name;
  }
}

export function claimName(epoch: number): string {
  return `e-${twelve(epoch)}`;
}

const twelve = (epoch: number): string => String(epoch).padStart(12, '0');

/** The highest epoch that a record may have, one below the highest that a name can hold. A foreign file may have it. */
export const LAST_EPOCH = 999_999_999_998;

const LEFT_OVER = /^(?:[td]-(?<epoch>\d{12})|stop)-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u;

/**
 * Whether a crash left this file: a temporary record or a moved face of a claim up to `own`, or a stop request to a
 * former holder. Only names with a whole token are the lock's: `stop-words` is a foreign file.
 * @param own the caller's epoch
 * @param token the caller's token, whose own stop request stays
 */
export function isLeftOver(name: string, own: number, token: string): boolean {
  const match = LEFT_OVER.exec(name);
  if (!match) return false;
  const epoch = match.groups?.['epoch'];
  return epoch === undefined ? name !== `stop-${token}` : Number(epoch) <= own;
}

/** @returns the epochs of all claims among the names, ascending; foreign files are ignored */
export function epochsOf(names: readonly string[]): number[] {
  const epochs: number[] = [];
  for (const name of names) {
    const digits = /^e-(\d{12})$/u.exec(name)?.[1];
    if (digits !== undefined) epochs.push(Number(digits));
  }
  return epochs.sort((a, b) => a - b);
}
