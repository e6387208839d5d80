import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { isErrno, reason, WeldError } from '../util/errors';

/** Why a file was not read. Each reader says it in its own sentence. */
export type Unread =
  | { readonly how: 'missing' }
  | { readonly how: 'link' }
  | { readonly how: 'folder' }
  /** A pipe, a socket or a device: it could keep us waiting for ever. */
  | { readonly how: 'special' }
  | { readonly how: 'large' /** In bytes. */; readonly size: number }
  | { readonly how: 'denied' }
  | { readonly how: 'failed'; readonly why: string; readonly cause: unknown };

export type BoundedRead = { readonly how: 'read'; readonly bytes: Buffer } | Unread;

export interface ReadLimits {
  /** A longer file is not read. In bytes. */
  readonly most: number;
  /** A link is read as what it leads to; otherwise it counts as a link. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** Files read at the same time: many together would hold the sum of their limits in memory. */
const AT_ONCE = 8;

const CHUNK = 256 * 1024;

let reading = 0;

const waiting: (() => void)[] = [];

/**
 * The one way to read a file that others can write. It never waits for a pipe or a device, never holds more than its
 * limit, however the file grows meanwhile, and few are read at once.
 * @param file absolute path @throws WeldError `CANCELLED` alone
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
    // Looked at first, because opening a device can do something.
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

/** Reads to the end, as far as it may be: the size that a file tells is not always the one that it has. */
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

/** The same for small files at once, where thousands are looked at and each wait would cost more than the read. */
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
 * What was read of a file so far. The first buffer has a byte more than the file is expected to have, so that its end
 * needs no other: a large one for each small file has the engine collect garbage all the time.
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

  /** Where to read to: never empty. */
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

/** Nobody waits for the other end of a pipe that came between look and opening. */
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
 * The content of a plain file of git's or one that a link leads to, never of a FIFO or a device. @param most bytes
 * @returns null for anything else, and for what is longer
 */
export async function readCapped(file: string, most: number): Promise<Buffer | null> {
  const read = await readBounded(file, { most, follow: true });
  return read.how === 'read' ? read.bytes : null;
}
