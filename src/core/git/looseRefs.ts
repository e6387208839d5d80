import * as path from 'node:path';
import { readBoundedNow } from '../artifacts/bounded';
import type { StatFingerprint } from './statFingerprint';

/** A name that git accepts wherever it is, and that sorts alike here and in git. */
const PLAIN_NAME = /^[\w-]+(?:[./][\w-]+)*$/u;
const ONE_ID = /^([0-9a-f]{40}|[0-9a-f]{64})\n$/u;
/** More than the length of a file with one id, in bytes. */
const MAX_BYTES = 128;

export interface LooseChange {
  /** The folder with the loose refs, and the prefix of their names. */
  readonly folder: string;
  readonly prefix: string;
  /** The refs as git listed them, an id and a name each, and how their files looked then. */
  readonly lines: readonly string[];
  readonly earlier: StatFingerprint;
  /** How the files look now. */
  readonly now: StatFingerprint;
}

/**
 * Reads loose refs that were added or moved, as after Weld's own writes, without a start of git. Packed refs must be
 * unchanged.
 * @returns the refs as git would list them; null if only git can tell: a file is gone, or holds anything but one id
 */
export function withLooseRefs({ folder, prefix, lines, earlier, now }: LooseChange): readonly string[] | null {
  const there = new Set(now.files);
  if (earlier.files.some((file) => !there.has(file))) return null;
  const ids = new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
  for (const file of now.files) {
    const read = readBoundedNow(file, { most: MAX_BYTES, follow: false });
    if (read.how === 'folder') continue;
    const id = read.how === 'read' ? ONE_ID.exec(read.bytes.toString('latin1'))?.[1] : undefined;
    const name = path.relative(folder, file).split(path.sep).join('/');
    if (id === undefined || name.endsWith('.lock')) return null;
    ids.set(`${prefix}${name}`, id);
  }
  const names = [...ids.keys()];
  if (names.some((name) => !PLAIN_NAME.test(name))) return null;
  return names.sort((a, b) => (a < b ? -1 : 1)).map((name) => `${ids.get(name) ?? ''} ${name}`);
}
