import * as path from 'node:path';

/** Claims kept for whoever judges at this moment. Older ones are collected, or raised by the process whose they are. */
export const KEEP_CLAIMS = 16;

/** Where one repository's lock lives: `active.lock` is the face, the claims in `lock/` are the truth. */
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
  /** A record on its way to become the claim `epoch`. */
  temporary(epoch: number, token: string): string {
    return `${this.inside}t-${twelve(epoch)}-${token}`;
  }
  /** A face moved aside by the claim `epoch`, to be looked at. */
  aside(epoch: number, token: string): string {
    return `${this.inside}d-${twelve(epoch)}-${token}`;
  }
  /** The wish of another window that the holder of this token stops in order. */
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

/** The last number that a record may have, one below the last that a name can hold; a stranger's file may claim it. */
export const LAST_EPOCH = 999_999_999_998;

const LEFT_OVER = /^(?:[td]-(?<epoch>\d{12})|stop)-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u;

/**
 * What a crash has left of claims up to `own`: temporary records, faces moved aside; and wishes to holders that are no
 * more. Only names with a whole token are the lock's: `stop-words` is somebody's file.
 */
export function isLeftOver(name: string, own: number, token: string): boolean {
  const match = LEFT_OVER.exec(name);
  if (!match) return false;
  const epoch = match.groups?.['epoch'];
  return epoch === undefined ? name !== `stop-${token}` : Number(epoch) <= own;
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
