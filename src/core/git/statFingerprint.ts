import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readBoundedNow } from '../artifacts/bounded';
import { isErrno } from '../util/errors';

export interface FingerprintOptions {
  /** Files that were young in this fingerprint are read again, because they may have changed right after it. */
  readonly earlier?: StatFingerprint;
  /** Follows symbolic links; otherwise a link is compared as itself. */
  readonly follow?: boolean;
}

/** The stat data of files, as git's index records it, and digests of files that could change without changing it. */
export interface StatFingerprint {
  /** Paths, in the order in which they were found. */
  readonly files: readonly string[];
  /** For each path: mode, inode, size, mtime and ctime; a single zero if it does not exist. */
  readonly stats: readonly number[];
  /** Digests of young files, by path. */
  readonly racy: ReadonlyMap<string, string>;
  /** The files with digests that were still young at this look. */
  readonly young: ReadonlySet<string>;
}

/** For this long after a change, in ms, a file can change again and keep its times: FAT has steps of two seconds. */
const RACY_MS = 2_000;
/** Maximum size of a file whose content is hashed, in bytes; packed refs of 100,000 runs fit. */
const MAX_HASHED_BYTES = 64 * 1024 * 1024;

/**
 * A fingerprint of files, and of folders with everything in them. Equal fingerprints mean equal content.
 * @param paths absolute; they need not exist
 */
export async function statFingerprint(
  paths: readonly string[],
  { earlier, follow = false }: FingerprintOptions = {},
): Promise<StatFingerprint> {
  const files: string[] = [];
  const stats: number[] = [];
  const racy = new Map<string, string>();
  const young = new Set<string>();
  const racySince = Date.now() - RACY_MS;
  /** @returns the entries, if it is a folder */
  const note = (file: string): readonly string[] => {
    const stat = orCode(
      () => (follow ? fs.statSync : fs.lstatSync)(file, { throwIfNoEntry: false }),
      () => null,
    );
    files.push(file);
    // NaN never equals itself, so that git decides about unreadable files.
    stats.push(
      ...(stat === null ? [Number.NaN] : stat ? [stat.mode, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs] : [0]),
    );
    if (!stat) return [];
    if (stat.isDirectory())
      return orCode(
        () => fs.readdirSync(file),
        () => [],
      );
    if (!stat.isFile()) return [];
    const isYoung = Math.max(stat.mtimeMs, stat.ctimeMs) > racySince;
    if (earlier ? !earlier.racy.has(file) : !isYoung) return [];
    if (isYoung) young.add(file);
    racy.set(file, contentOf(file));
    return [];
  };
  const noteAll = (file: string): void => {
    for (const name of note(file)) noteAll(file + path.sep + name);
  };
  for (const folder of paths)
    for (const name of note(folder)) {
      noteAll(folder + path.sep + name);
      // Yields after each entry, so that many entries do not block the editor.
      await new Promise((resolve) => setImmediate(resolve));
    }
  return { files, stats, racy, young };
}

/**
 * Looks at the files of an earlier fingerprint again.
 * @param earlier how the files looked @param paths as for `earlier`
 * @returns the fingerprint to compare with next time, null if anything differs: content that was young then and is old
 *   enough now cannot change unseen any more, so that its digest is dropped
 */
export async function lookAgain(
  earlier: StatFingerprint,
  paths: readonly string[],
  options: Pick<FingerprintOptions, 'follow'> = {},
): Promise<StatFingerprint | null> {
  const now = await statFingerprint(paths, { ...options, earlier });
  if (!sameFingerprint(earlier, now)) return null;
  if (now.racy.size === now.young.size) return earlier;
  return { ...now, racy: new Map([...now.racy].filter(([file]) => now.young.has(file))) };
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

/** Unreadable files get a random value that equals no other, so that git decides about them. */
function contentOf(file: string): string {
  const read = readBoundedNow(file, { most: MAX_HASHED_BYTES, follow: true });
  return read.how === 'read' ? createHash('sha256').update(read.bytes).digest('hex') : `${read.how} ${randomUUID()}`;
}

/** Ignores errors of missing or unreadable files: git reads them afterwards and reports them. */
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
