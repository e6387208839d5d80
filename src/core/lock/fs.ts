import * as fs from 'node:fs';
import { isErrno } from '../util/errors';
import { epochsOf } from './lockNames';

/** Identifies a file: the protocol compares it to know whether a name is still that of the judged file. */
export interface FileId {
  readonly ino: bigint | number;
  readonly dev: bigint | number;
}
export interface FileStat extends FileId {
  readonly kind: 'file' | 'folder' | 'other';
  readonly size: number;
  /** Wall-clock ms since 1970. */
  readonly mtimeMs: number;
}
export type Handle = number;

/** The file calls of the protocol; each is one scheduling point of the simulation. They throw what `node:fs` throws. */
export interface LockFs {
  openRead(file: string): Handle;
  createNew(file: string): Handle;
  close(handle: Handle): void;
  read(handle: Handle, maxBytes: number): string;
  /** Replaces the file's first bytes in place. */
  write(handle: Handle, text: string): void;
  /**
   * Appends a space to the file, even while another process writes to it.
   * @returns false when the name does not belong to that file
   */
  lengthen(file: string, id: FileId): boolean;
  fstat(handle: Handle): FileStat;
  lstat(file: string): FileStat | null;
  /** Whether the name belongs to exactly that file. */
  is(file: string, id: FileId | null): boolean;
  /** Cheaper than `lstat` where only existence matters. */
  exists(file: string): boolean;
  link(from: string, to: string): void;
  rename(from: string, to: string): void;
  unlink(file: string): void;
  list(folder: string): string[];
  /**
   * The highest number of a claim in the folder; null when there is none. It tells less than the list, so that the
   * simulation has fewer states to distinguish.
   */
  highestClaim(folder: string): number | null;
  mkdir(folder: string): void;
}

const { O_RDONLY, O_WRONLY, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_CREAT, O_EXCL, O_RDWR } = fs.constants;

/** On Windows a file's number uses all 64 bits; elsewhere plain numbers are exact and cheaper. */
const bigint = process.platform === 'win32';
const BIG = { bigint: true } as const;
const BIG_OR_NONE = { bigint: true, throwIfNoEntry: false } as const;
const OR_NONE = { throwIfNoEntry: false } as const;

/**
 * Opens a file for reading. It follows no symbolic link, which may lead out of .weld, and a pipe without a writer does
 * not block it.
 * @param noFollow the flag `O_NOFOLLOW`; 0 on Windows, which does not have it
 * @throws an error with the code `ELOOP` for a symbolic link
 */
export function openUnfollowed(file: string, noFollow: number): Handle {
  if (noFollow === 0 && fs.lstatSync(file).isSymbolicLink())
    throw Object.assign(new Error(`a symbolic link is not followed, open '${file}'`), {
      code: 'ELOOP',
      syscall: 'open',
    });
  return fs.openSync(file, O_RDONLY | noFollow | (O_NONBLOCK ?? 0));
}

/** Size in bytes of the first read: enough for nearly every record, and small enough for Node's pool of buffers. */
const USUAL_BYTES = 2048;

export const nodeFs: LockFs = {
  openRead: (file) => openUnfollowed(file, O_NOFOLLOW ?? 0),
  createNew: (file) => fs.openSync(file, O_RDWR | O_CREAT | O_EXCL, 0o644),
  close: (handle) => {
    fs.closeSync(handle);
  },
  read(handle, maxBytes) {
    const start = readStart(handle, Math.min(maxBytes, USUAL_BYTES));
    return (start.length < USUAL_BYTES ? start : readStart(handle, maxBytes)).toString('utf8');
  },
  write(handle, text) {
    const bytes = Buffer.from(text);
    if (fs.writeSync(handle, bytes, 0, bytes.length, 0) !== bytes.length)
      throw Object.assign(new Error('the disk took only a part of the lock record'), { code: 'ENOSPC' });
  },
  lengthen(file, id) {
    let handle: Handle;
    try {
      handle = fs.openSync(file, O_WRONLY | O_APPEND | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0));
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR')) return false;
      throw error;
    }
    try {
      const mine = sameFile(nodeFs.fstat(handle), id);
      if (mine) fs.writeSync(handle, ' ');
      return mine;
    } finally {
      fs.closeSync(handle);
    }
  },
  fstat: (handle) => statOf(bigint ? fs.fstatSync(handle, BIG) : fs.fstatSync(handle)),
  lstat(file) {
    const stat = lstatOf(file);
    return stat ? statOf(stat) : null;
  },
  is: (file, id) => sameFile(lstatOf(file) ?? null, id),
  exists: (file) => fs.existsSync(file),
  link: (from, to) => {
    fs.linkSync(from, to);
  },
  rename: (from, to) => {
    fs.renameSync(from, to);
  },
  unlink: (file) => {
    fs.unlinkSync(file);
  },
  list(folder) {
    try {
      return fs.readdirSync(folder);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    }
  },
  highestClaim: (folder) => epochsOf(nodeFs.list(folder)).at(-1) ?? null,
  mkdir(folder) {
    try {
      fs.mkdirSync(folder);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  },
};

function readStart(handle: Handle, maxBytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(maxBytes);
  return buffer.subarray(0, fs.readSync(handle, buffer, 0, maxBytes, 0));
}

function lstatOf(file: string): fs.BigIntStats | fs.Stats | undefined {
  try {
    return bigint ? fs.lstatSync(file, BIG_OR_NONE) : fs.lstatSync(file, OR_NONE);
  } catch (error) {
    // The parent is not a folder, or its links lead in a circle, so the file cannot exist.
    if (isErrno(error, 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

function statOf(stat: fs.BigIntStats | fs.Stats): FileStat {
  const type = Number(stat.mode) & fs.constants.S_IFMT;
  const kind = type === fs.constants.S_IFREG ? 'file' : type === fs.constants.S_IFDIR ? 'folder' : 'other';
  return { ino: stat.ino, dev: stat.dev, kind, size: Number(stat.size), mtimeMs: Number(stat.mtimeMs) };
}

/** @returns false also when one of the two does not exist */
export function sameFile(a: FileId | null, b: FileId | null): boolean {
  return a !== null && b !== null && a.ino === b.ino && a.dev === b.dev;
}
