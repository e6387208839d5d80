import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { isErrno, reason, WeldError } from '../util/errors';

/** Why a file was not read. Each caller turns this into its own message. */
export type Unread =
  | { readonly how: 'missing' }
  | { readonly how: 'link' }
  | { readonly how: 'folder' }
  /** A pipe, a socket or a device: reading one could block forever. */
  | { readonly how: 'special' }
  | { readonly how: 'large' /** In bytes. */; readonly size: number }
  | { readonly how: 'denied' }
  | { readonly how: 'failed'; readonly why: string; readonly cause: unknown };

export type BoundedRead = { readonly how: 'read'; readonly bytes: Buffer } | Unread;

export interface ReadLimits {
  /** Maximum size in bytes; a longer file is not read. */
  readonly most: number;
  /** Follows symbolic links; by default a link is reported as `link`. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** Maximum number of files read at the same time: together they can hold the sum of their limits in memory. */
const AT_ONCE = 8;

/** Size in bytes of each further buffer for a file that is longer than it was reported to be. */
const CHUNK = 256 * 1024;

let reading = 0;

const waiting: (() => void)[] = [];

/**
 * The one way to read a file that others can write. It never waits for a pipe or a device, it never holds more than the
 * limit even if the file grows during the read, and it reads only a few files at once.
 * @param file absolute path @throws WeldError `CANCELLED` only
 */
export async function readBounded(file: string, limits: ReadLimits): Promise<BoundedRead> {
  if (reading >= AT_ONCE)
    await new Promise<void>((resume) => {
      waiting.push(resume);
    });
  else reading++;
  try {
    return await read(file, limits);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else reading--;
  }
}

async function read(file: string, { most, follow = false, signal }: ReadLimits): Promise<BoundedRead> {
  stopIf(signal);
  let handle: fs.FileHandle | undefined;
  try {
    // Check the kind before opening, because opening a device can have side effects.
    const before = follow ? await fs.stat(file) : await fs.lstat(file);
    const not = before.isFile() ? null : kindOf(before);
    if (not !== null) return not;
    handle = await fs.open(file, openingFlags(follow));
    const stat = await handle.stat();
    if (!stat.isFile()) return kindOf(stat);
    if (stat.size > most) return { how: 'large', size: stat.size };
    return await whole(handle, stat.size, most, signal);
  } catch (error) {
    if (error instanceof WeldError) throw error;
    return unread(error);
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** Reads to the end or to the limit: the reported size of a file is not always its real size. */
async function whole(
  handle: fs.FileHandle,
  expected: number,
  most: number,
  signal: AbortSignal | undefined,
): Promise<BoundedRead> {
  const found = new Found(expected, most);
  for (let read = -1; read !== 0 && !found.tooMany; ) {
    stopIf(signal);
    ({ bytesRead: read } = await handle.read(found.room(), 0));
    found.add(read);
  }
  return found.result();
}

/** The synchronous form, for thousands of small files, where each wait would cost more than the read. */
export function readBoundedNow(
  file: string | Buffer,
  { most, follow = false }: Omit<ReadLimits, 'signal'>,
): BoundedRead {
  let fd: number | undefined;
  try {
    const before = follow ? statSync(file) : lstatSync(file);
    if (!before.isFile()) return kindOf(before);
    fd = openSync(file, openingFlags(follow));
    const stat = fstatSync(fd);
    if (!stat.isFile()) return kindOf(stat);
    if (stat.size > most) return { how: 'large', size: stat.size };
    return wholeNow(fd, stat.size, most);
  } catch (error) {
    return unread(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function wholeNow(fd: number, expected: number, most: number): BoundedRead {
  const found = new Found(expected, most);
  for (let read = -1; read !== 0 && !found.tooMany; found.add(read)) read = readSync(fd, found.room());
  return found.result();
}

/**
 * The bytes read from a file so far. The first buffer is one byte longer than the expected size, so that reaching the
 * end needs no second buffer: a large buffer for every small file would keep the garbage collector busy.
 */
class Found {
  private readonly full: Buffer[] = [];
  private buffer: Buffer;
  private used = 0;
  private size = 0;

  constructor(
    expected: number,
    private readonly most: number,
  ) {
    this.buffer = this.next(expected + 1);
  }

  get tooMany(): boolean {
    return this.size > this.most;
  }

  /** The buffer to read into; never empty. */
  room(): Buffer {
    return this.buffer.subarray(this.used);
  }

  add(bytesRead: number): void {
    this.used += bytesRead;
    this.size += bytesRead;
    if (this.used < this.buffer.length || this.tooMany) return;
    this.full.push(this.buffer);
    this.buffer = this.next(CHUNK);
    this.used = 0;
  }

  result(): BoundedRead {
    if (this.tooMany) return { how: 'large', size: this.size };
    const last = this.buffer.subarray(0, this.used);
    return { how: 'read', bytes: this.full.length === 0 ? last : Buffer.concat([...this.full, last]) };
  }

  private next(wanted: number): Buffer {
    return Buffer.allocUnsafe(Math.min(wanted, this.most - this.size + 1));
  }
}

/** `O_NONBLOCK`, so that a pipe that replaced the file after the first check does not block. */
const openingFlags = (follow: boolean): number =>
  constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (follow ? 0 : (constants.O_NOFOLLOW ?? 0));

function unread(error: unknown): Unread {
  if (isErrno(error, 'ENOENT', 'ENOTDIR')) return { how: 'missing' };
  if (isErrno(error, 'ELOOP')) return { how: 'link' };
  if (isErrno(error, 'EISDIR')) return { how: 'folder' };
  if (isErrno(error, 'EACCES', 'EPERM')) return { how: 'denied' };
  return { how: 'failed', why: reason(error), cause: error };
}

function kindOf(stat: { isSymbolicLink(): boolean; isDirectory(): boolean }): Unread {
  return { how: stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'special' };
}

function stopIf(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new WeldError('CANCELLED', 'Cancelled while a file was read; nothing was changed.');
}

/**
 * Reads a regular file, also through a link, but never a pipe or a device.
 * @param most maximum size in bytes
 * @returns null for anything else and for a longer file
 */
export async function readCapped(file: string, most: number): Promise<Buffer | null> {
  const read = await readBounded(file, { most, follow: true });
  return read.how === 'read' ? read.bytes : null;
}
