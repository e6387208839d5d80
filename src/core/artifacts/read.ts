import * as fs from 'node:fs/promises';
import type * as z from 'zod';
import { isErrno, reason, type WeldError } from '../errors';
import { readBounded, type Unread } from './bounded';
import { damaged } from './faults';
import { mostBytesOf } from './schemas';

/** No text of a run comes near this: a plan, an answer, a patch for a prompt. In bytes. */
const MOST_TEXT = 32 * 1024 * 1024;

export interface ReadOptions {
  /** A longer file is damaged. In bytes. */
  readonly most?: number;
  readonly signal?: AbortSignal;
}

/** @returns the file's text, or null when there is no such file. @throws WeldError `DAMAGED_FILE`, `CANCELLED` */
export async function readText(file: string, options: ReadOptions = {}): Promise<string | null> {
  const found = await readBounded(file, { most: MOST_TEXT, ...options });
  if (found.how === 'read') return found.bytes.toString('utf8');
  if (found.how === 'missing') return null;
  throw fault(file, found);
}

/**
 * Reads a JSON record through its schema. @returns null when there is no such file. @throws WeldError `DAMAGED_FILE`
 * naming file and fault, `CANCELLED`
 */
export async function readRecord<S extends z.ZodType>(
  file: string,
  schema: S,
  options: ReadOptions = {},
): Promise<z.output<S> | null> {
  const text = await readText(file, { most: mostBytesOf(schema), ...options });
  return text === null ? null : parseRecord(file, text, schema);
}

/**
 * The same of a text that was read already, so that what is compared and what is read is one. @throws WeldError
 * `DAMAGED_FILE`
 */
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

/**
 * The names of the real folders (no links) in a folder, sorted; none when it is not there. @throws WeldError
 * `DAMAGED_FILE`
 */
export async function listFolders(folder: string): Promise<string[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw damaged(folder, `cannot be read (${reason(error)})`, error);
  }
}

function fault(file: string, found: Exclude<Unread, { how: 'missing' }>): WeldError {
  switch (found.how) {
    case 'link':
      return damaged(file, 'is a symbolic link');
    case 'folder':
      return damaged(file, 'is a folder, not a file');
    case 'special':
      return damaged(file, 'is a pipe, a socket or a device, not a file');
    case 'large':
      return damaged(file, `is ${Math.max(1, Math.round(found.size / 1e6))} MB long, more than it can be`);
    case 'denied':
      return damaged(file, 'may not be read');
    case 'failed':
      return damaged(file, `cannot be read (${found.why})`, found.cause);
  }
}
