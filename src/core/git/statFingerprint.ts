import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readBoundedNow } from '../artifacts/bounded';
import { isErrno } from '../util/errors';

export interface FingerprintOptions {
  /** What was young at this look is read again, because it may have changed right after it. */
  readonly earlier?: StatFingerprint;
  /** Symbolic links count for what they lead to; otherwise for themselves. */
  readonly follow?: boolean;
}

/**
 * The stat data of files, as git's index records it, and digests of those that could change without changing it.
 */
export interface StatFingerprint {
  /** Where each file is, in the order they were found in. */
  readonly files: readonly string[];
  /** Of each in turn: mode, number, size, times of content and of itself; a zero for what is not there. */
  readonly stats: readonly number[];
  /** Digests of young files, by place. */
  readonly racy: ReadonlyMap<string, string>;
}

/**
 * Within this time of its last change, in ms, a file may change once more and keep its times: FAT counts in steps of
 * two seconds.
 */
const RACY_MS = 2_000;
/** Maximum size of a file whose content is hashed, in bytes; packed refs of 100,000 runs fit. */
const MAX_HASHED_BYTES = 64 * 1024 * 1024;

/**
 * How files look, and folders with all that is in them. Equal to an earlier look, they have the same content.
 * @param paths absolute; what is not there counts too
 */
export async function statFingerprint(
  paths: readonly string[],
  { earlier, follow = false }: FingerprintOptions = {},
): Promise<StatFingerprint> {
  const files: string[] = [];
  const stats: number[] = [];
  const racy = new Map<string, string>();
  const racySince = Date.now() - RACY_MS;
  /** @returns what is in it, when it is a folder */
  const note = (file: string): readonly string[] => {
    const stat = orCode(
      () => (follow ? fs.statSync : fs.lstatSync)(file, { throwIfNoEntry: false }),
      () => null,
    );
    files.push(file);
    // What may not be looked at equals nothing, itself included, so that git is asked.
    stats.push(
      ...(stat === null ? [Number.NaN] : stat ? [stat.mode, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs] : [0]),
    );
    if (!stat) return [];
    if (stat.isDirectory())
      return orCode(
        () => fs.readdirSync(file),
        () => [],
      );
    if (stat.isFile() && (earlier ? earlier.racy.has(file) : Math.max(stat.mtimeMs, stat.ctimeMs) > racySince))
      racy.set(file, contentOf(file));
    return [];
  };
  const noteAll = (file: string): void => {
    for (const name of note(file)) noteAll(file + path.sep + name);
  };
  for (const folder of paths)
    for (const name of note(folder)) {
      noteAll(folder + path.sep + name);
      // One at a time, so that many do not hold up the editor.
      await new Promise((resolve) => setImmediate(resolve));
    }
  return { files, stats, racy };
}

export function sameFingerprint(one: StatFingerprint, other: StatFingerprint): boolean {
  return (
    one.files.length === other.files.length &&
    one.files.every((file, i) => file === other.files[i]) &&
    one.stats.every((look, i) => look === other.stats[i]) &&
    one.racy.size === other.racy.size &&
    [...one.racy].every(([file, content]) => other.racy.get(file) === content)
  );
}

/** What cannot be read equals nothing, itself included, so that git is asked. */
function contentOf(file: string): string {
  const read = readBoundedNow(file, { most: MAX_HASHED_BYTES, follow: true });
  return read.how === 'read' ? createHash('sha256').update(read.bytes).digest('hex') : `${read.how} ${randomUUID()}`;
}

/** What has gone or may not be looked at is git's to tell of, which looks at it after. */
function orCode<T>(read: () => T, otherwise: (code: string) => T): T {
  try {
    return read();
  } catch (error) {
    if (!isErrno(error)) throw error;
    return otherwise(String(error.code));
  }
}

/** Maximum lag of a file system's clock behind the wall clock, in ms. */
export const CLOCK_STEP_MS = 20;
