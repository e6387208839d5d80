import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { isErrno, reason, WeldError } from '../errors';

/** Why a file was not read. Each reader says it in its own sentence. */
export type Unread =
  | { readonly how: 'missing' }
  | { readonly how: 'link' }
  | { readonly how: 'folder' }
  /** A pipe, a socket or a device: it could keep us waiting for ever. */
  | { readonly how: 'special' }
  | { readonly how: 'large'; /** In bytes. */ readonly size: number }
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
  if (reading >= AT_ONCE) await new Promise<void>((resume) => { waiting.push(resume); });
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
    return await whole(handle, most, signal);
  } catch (error) {
    if (error instanceof WeldError) throw error;
    return unread(error);
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** Reads to the end, as far as it may be: the size that a file tells is not always the one that it has. */
async function whole(handle: fs.FileHandle, most: number, signal: AbortSignal | undefined): Promise<BoundedRead> {
  const chunks: Buffer[] = [];
  for (let size = 0; ; ) {
    stopIf(signal);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(CHUNK, most - size + 1)), 0);
    if (bytesRead === 0) return { how: 'read', bytes: Buffer.concat(chunks) };
    size += bytesRead;
    if (size > most) return { how: 'large', size };
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/** The same for small files at once, where thousands are looked at and each wait would cost more than the read. */
export function readBoundedNow(file: string | Buffer, { most, follow = false }: Omit<ReadLimits, 'signal'>): BoundedRead {
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
  const chunks: Buffer[] = [];
  for (let size = 0, room = expected + 1; ; room = CHUNK) {
    const buffer = Buffer.allocUnsafe(Math.min(room, most - size + 1));
    const bytesRead = readSync(fd, buffer, 0, buffer.length, null);
    if (bytesRead === 0) return { how: 'read', bytes: Buffer.concat(chunks) };
    size += bytesRead;
    if (size > most) return { how: 'large', size };
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/** Nobody waits for the other end of a pipe that came between look and opening. */
const openingFlags = (follow: boolean): number => constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (follow ? 0 : (constants.O_NOFOLLOW ?? 0));

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
