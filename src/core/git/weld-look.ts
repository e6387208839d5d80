import * as fs from 'node:fs';
import { readBoundedNow } from '../artifacts/bounded';
import { isErrno } from '../errors';
import { EMPTY_FOLDER, encodePart } from './weld-names';

/** How one file below `.weld` looks from outside. */
export interface Seen {
  /** Where it is, a letter for each byte. */
  readonly file: string;
  readonly kind: 'file' | 'link' | 'empty folder';
  readonly executable: boolean;
  readonly size: number;
  /** Number, size and times: equal ones mean equal content, but for a file that is young. */
  readonly looks: string;
  /** It may change once more and look the same. */
  readonly young: boolean;
}

export interface Look {
  /** By the name that it has in a tree. */
  readonly seen: ReadonlyMap<string, Seen>;
  /** What cannot be kept, such as a FIFO or what may not be read, with the reason. */
  readonly left: ReadonlyMap<string, string>;
}

/**
 * Within this time of its last change, in ms, a file may change once more and keep its times: FAT counts in steps of
 * two seconds.
 */
const YOUNG_MS = 2_000;
/** So many files are looked at before others get their turn. */
const AT_ONCE = 200;
/** Larger files are named, and not kept. */
export const MOST_KEPT = 10 * 1024 * 1024;

/**
 * Looks at all that stands below a folder, opening nothing.
 * @param root absolute @param skipped names directly below it @param signal stops the walk @throws its reason
 */
export async function lookBelow(root: string, skipped: ReadonlySet<string>, signal?: AbortSignal): Promise<Look> {
  const seen = new Map<string, Seen>();
  const left = new Map<string, string>();
  const youngest = Date.now() - YOUNG_MS;
  const folders = [{ folder: Buffer.from(root, 'utf8').toString('latin1'), name: '' }];
  let looked = 0;
  for (let next = folders.pop(); next; next = folders.pop()) {
    const { folder, name } = next;
    const entries = list(folder);
    if (entries === null) left.set(name, 'it may not be read');
    else if (entries.length === 0 && name !== '')
      seen.set(`${name}/${EMPTY_FOLDER}`, {
        file: folder,
        kind: 'empty folder',
        executable: false,
        size: 0,
        looks: '',
        young: false,
      });
    for (const entry of entries ?? []) {
      if (name === '' && skipped.has(entry)) continue;
      const file = `${folder}/${entry}`;
      const at = name === '' ? encodePart(entry) : `${name}/${encodePart(entry)}`;
      const stat = look(file);
      if (stat?.isDirectory()) folders.push({ folder: file, name: at });
      else if (stat) note(file, at, stat);
      if (++looked % AT_ONCE === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
      }
    }
  }
  return { seen, left };

  function note(file: string, at: string, stat: fs.Stats): void {
    if (!stat.isFile() && !stat.isSymbolicLink()) left.set(at, 'it is no file');
    else if (stat.size > MOST_KEPT) left.set(at, 'it is over 10 MB');
    else
      seen.set(at, {
        file,
        kind: stat.isFile() ? 'file' : 'link',
        executable: (stat.mode & 0o100) !== 0,
        size: stat.size,
        looks: `${stat.mode} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`,
        young: Math.max(stat.mtimeMs, stat.ctimeMs) > youngest,
      });
  }
}

function list(folder: string): readonly string[] | null {
  try {
    return fs.readdirSync(bytes(folder), { encoding: 'latin1' });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    if (isErrno(error)) return null;
    throw error;
  }
}

function look(file: string): fs.Stats | null {
  try {
    return fs.lstatSync(bytes(file));
  } catch (error) {
    if (isErrno(error)) return null;
    throw error;
  }
}

/** A path with a letter for each byte as the system takes it. */
export const bytes = (file: string): Buffer => Buffer.from(file, 'latin1');

/** @returns what a file or a link holds; null for what has gone, may not be read, or is another thing by now */
export function contentOf(seen: Seen): Buffer | null {
  if (seen.kind === 'empty folder') return Buffer.alloc(0);
  if (seen.kind !== 'link') {
    const read = readBoundedNow(bytes(seen.file), { most: MOST_KEPT });
    return read.how === 'read' ? read.bytes : null;
  }
  try {
    return fs.readlinkSync(bytes(seen.file), { encoding: 'buffer' });
  } catch (error) {
    if (isErrno(error)) return null;
    throw error;
  }
}
