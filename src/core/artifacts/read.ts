import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import type * as z from 'zod';
import { isErrno, reason, WeldError } from '../errors';
import { damaged } from './faults';

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
  return text === null ? null : parseRecord(file, text, schema);
}

/** The same of a text that was read already, so that what is compared and what is read is one. @throws WeldError `DAMAGED_FILE` */
export function parseRecord<S extends z.ZodType>(file: string, text: string, schema: S): z.output<S> {
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

/** The names of the real folders (no links) in a folder, sorted; none when it is not there. @throws WeldError `DAMAGED_FILE` */
export async function listFolders(folder: string): Promise<string[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw damaged(folder, `cannot be read (${reason(error)})`, error);
  }
}
