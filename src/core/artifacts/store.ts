import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import * as z from 'zod';
import { isErrno, reason, WeldError } from '../errors';
import type { RunLock } from '../lock/types';

/** No record of Weld's own comes near this; a larger file is not read into memory. In bytes. */
const MAX_RECORD_BYTES = 32 * 1024 * 1024;

/** @returns the file's text, or null when there is no such file. @throws WeldError `DAMAGED_FILE` */
export async function readText(file: string): Promise<string | null> {
  try {
    const handle = await fs.open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw damaged(file, 'is not a regular file');
      if (stat.size > MAX_RECORD_BYTES) throw damaged(file, `is ${Math.round(stat.size / 1e6)} MB long`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    if (error instanceof WeldError) throw error;
    if (isErrno(error, 'ELOOP')) throw damaged(file, 'is a symbolic link');
    throw damaged(file, `cannot be read (${reason(error)})`, error);
  }
}

/** Reads a JSON record through its schema. @returns null when there is no such file. @throws WeldError `DAMAGED_FILE` naming file and fault */
export async function readRecord<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S> | null> {
  const text = await readText(file);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(file, 'is not valid JSON', error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw damaged(file, `has a wrong "${first?.path.join('.') ?? ''}" (${first?.message ?? 'unknown'})`, parsed.error);
}

/** Replaces a file under the lock's `.weld` atomically; a crash at any instant leaves the old content or the new. */
export async function writeText(lock: RunLock, file: string, text: string | Uint8Array): Promise<void> {
  await prepare(lock, file);
  lock.assertHeld();
  try {
    await writeFileAtomic(file, typeof text === 'string' ? text : Buffer.from(text));
  } catch (error) {
    throw writeError(file, error);
  }
}

/** @param value checked against the schema before a byte is written; unknown fields are kept */
export async function writeRecord<S extends z.ZodType>(lock: RunLock, file: string, schema: S, value: z.input<S>): Promise<void> {
  await writeText(lock, file, `${JSON.stringify(schema.parse(value), null, 2)}\n`);
}

/** Removes one file of run state, if it is there. */
export async function removeFile(lock: RunLock, file: string): Promise<void> {
  await prepare(lock, file);
  lock.assertHeld();
  await fs.rm(file, { force: true });
}

/** A missing disk, right or space as the sentence a person can act on. */
export function writeError(file: string, error: unknown): WeldError {
  if (error instanceof WeldError) return error;
  if (isErrno(error, 'ENOSPC', 'EDQUOT'))
    return new WeldError('DISK_FULL', `There is no space left to write ${file}; free some and try again, nothing was lost.`, { cause: error });
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS'))
    return new WeldError('NOT_WRITABLE', `${file} cannot be written; give yourself write access to the .weld folder and try again.`, { cause: error });
  return new WeldError('NOT_WRITABLE', `${file} cannot be written (${reason(error)}); nothing was changed.`, { cause: error });
}

/** Makes the folder and refuses a path that leaves the lock's own `.weld`, also through a symbolic link. */
async function prepare(lock: RunLock, file: string): Promise<void> {
  const folder = path.dirname(file);
  if (!isInside(lock.weldDir, file)) throw outside(file);
  lock.assertHeld();
  try {
    await fs.mkdir(folder, { recursive: true });
    const [real, root] = await Promise.all([fs.realpath(folder), fs.realpath(lock.weldDir)]);
    if (path.join(root, path.relative(lock.weldDir, folder)) !== real) throw outside(file);
  } catch (error) {
    throw writeError(file, error);
  }
}

function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

function outside(file: string): WeldError {
  return new WeldError('OUTSIDE_REPOSITORY', `${file} leads out of .weld; remove the link and try again.`);
}

function damaged(file: string, fault: string, cause?: unknown): WeldError {
  return new WeldError('DAMAGED_FILE', `${file} ${fault}; restore it from a backup or remove it, Weld does not overwrite it.`, { cause });
}
