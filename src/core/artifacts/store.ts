import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type * as z from 'zod';
import type { RunLock } from '../lock/runLock';
import { isErrno, reason, type WeldError } from '../util/errors';
import { readBounded, type Unread } from './bounded';
import { damaged, isInside, outside, writeError } from './inside';
import { type RunPaths, WeldPaths } from './paths';
import { type HeldFolder, holdFolder, makeFolder, writeAside } from './plain';
import { type HistoryMeta, HistoryMetaSchema, mostBytesOf } from './schemas';

export { writeError } from './inside';

/**
 * Replaces a file below the lock's `.weld` atomically: a crash leaves either the old content or the new.
 * @throws WeldError `LOCK_LOST`, `OUTSIDE_REPOSITORY`, `NOT_WRITABLE`, `DISK_FULL`
 */
export async function writeText(lock: RunLock, file: string, text: string | Uint8Array): Promise<void> {
  lock.assertHeld();
  using folder = makeFolder(lock.weldDir, path.dirname(file));
  // Built in the staging folder, so that the lock is checked directly before the one call that changes anything.
  using staging = makeFolder(lock.weldDir, new WeldPaths(path.dirname(lock.weldDir)).staging);
  const built = staging.at(`${randomUUID()}.tmp`);
  await writeAside(built, file, text, () => {
    lock.assertHeld();
    renameSync(built, folder.at(path.basename(file)));
  });
}

/** @param value checked against the schema before a byte is written; unknown fields are kept */
export async function writeRecord<S extends z.ZodType>(
  lock: RunLock,
  file: string,
  schema: S,
  value: z.input<S>,
): Promise<void> {
  const text = recordText(schema, value);
  if (Buffer.byteLength(text) > mostBytesOf(schema))
    throw writeError(file, new Error('it would be too long to be read again'));
  await writeText(lock, file, text);
}

/** The bytes of a record as `writeRecord` writes it. */
export function recordText<S extends z.ZodType>(schema: S, value: z.input<S>): string {
  return `${JSON.stringify(schema.parse(value), null, 2)}\n`;
}

/** Removes one file of run state, if it exists. */
export async function removeFile(lock: RunLock, file: string): Promise<void> {
  await Promise.resolve(); // so that errors reject the promise instead of being thrown at once
  using folder = find(lock, file);
  lock.assertHeld();
  try {
    if (folder) rmSync(folder.at(path.basename(file)), { force: true });
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Removes a folder of run state and its content, if it exists; links are removed, not followed. */
export async function removeFolder(lock: RunLock, folder: string): Promise<void> {
  using parent = find(lock, folder);
  lock.assertHeld();
  try {
    if (parent) await fs.rm(parent.at(path.basename(folder)), { recursive: true, force: true });
  } catch (error) {
    throw writeError(folder, error);
  }
}

/** Moves a file or folder of run state to another place below `.weld`; links are moved, not followed. */
export async function moveAside(lock: RunLock, from: string, to: string): Promise<void> {
  await Promise.resolve(); // so that errors reject the promise instead of being thrown at once
  using folder = find(lock, from);
  using target = makeFolder(lock.weldDir, path.dirname(to));
  lock.assertHeld();
  try {
    // If the source folder is missing, this fails with the system's own error about it.
    renameSync(folder?.at(path.basename(from)) ?? from, target.at(path.basename(to)));
  } catch (error) {
    throw writeError(from, error);
  }
}

/** Holds the folder of a file. @throws WeldError `OUTSIDE_REPOSITORY` if it leaves `.weld`, also through a link */
function find(lock: RunLock, file: string): HeldFolder | null {
  if (!isInside(lock.weldDir, file)) throw outside(file);
  return holdFolder(lock.weldDir, path.dirname(file), false);
}

/** Maximum size in bytes of a text, far above any real plan, answer or patch. */
const MOST_TEXT = 32 * 1024 * 1024;

export interface ReadOptions {
  /** Maximum size in bytes; a longer file counts as damaged. */
  readonly most?: number;
  readonly signal?: AbortSignal;
}

/** @returns the file's text, or null if it does not exist @throws WeldError `DAMAGED_FILE`, `CANCELLED` */
export async function readText(file: string, options: ReadOptions = {}): Promise<string | null> {
  const found = await readBounded(file, { most: MOST_TEXT, ...options });
  if (found.how === 'read') return found.bytes.toString('utf8');
  if (found.how === 'missing') return null;
  throw fault(file, found);
}

/**
 * Reads a JSON record and validates it by its schema.
 * @returns null if the file does not exist
 * @throws WeldError `DAMAGED_FILE` naming the file and its fault, `CANCELLED`
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
 * Parses a record from text that was read already, so that a caller can compare and parse the same bytes.
 * @param file for messages @throws WeldError `DAMAGED_FILE`
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
 * The sorted names of the real folders (no links) in a folder; empty if it does not exist.
 * @throws WeldError `DAMAGED_FILE`
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
      return damaged(file, 'cannot be read: permission denied');
    case 'failed':
      return damaged(file, `cannot be read (${found.why})`, found.cause);
  }
}

/** Number of superseded versions that are kept; older ones are removed. */
export const KEPT_VERSIONS = 5;

export type HistoryArea = 'research' | 'plan';

/** The numbers of the kept versions of an area, newest first. */
export async function listVersions(run: RunPaths, area: HistoryArea): Promise<number[]> {
  const names = await listFolders(run.historyRoot(area));
  return names.flatMap((name) => (/^v\d+$/.test(name) ? [Number(name.slice(1))] : [])).sort((a, b) => b - a);
}

/** @returns null if that version is not kept */
export async function readVersion(
  run: RunPaths,
  area: HistoryArea,
  version: number,
): Promise<{ readonly content: string; readonly meta: HistoryMeta | null } | null> {
  const paths = run.history(area, version);
  const content = await readText(paths.content);
  return content === null ? null : { content, meta: await readRecord(paths.meta, HistoryMetaSchema) };
}

/**
 * Keeps content that is about to be superseded; the caller then writes the new content.
 * Repeated after a crash, it finds its own copy and makes no second one.
 * @returns the version number under which the content is kept
 */
export async function keepVersion(
  lock: RunLock,
  run: RunPaths,
  area: HistoryArea,
  content: string,
  about: { readonly current: number; readonly createdAt: string; readonly now: Date; readonly why: string },
): Promise<number> {
  const versions = await listVersions(run, area);
  const newest = versions[0] ?? 0;
  const begun = newest >= Math.max(about.current, 1) && (await readText(run.history(area, newest).content)) === content;
  const version = begun ? newest : Math.max(about.current, newest + 1);
  const paths = run.history(area, version);
  if (!begun) await writeText(lock, paths.content, content);
  else if (await readRecord(paths.meta, HistoryMetaSchema).catch(() => null)) return version;
  await writeRecord(lock, paths.meta, HistoryMetaSchema, {
    version,
    created_at: about.createdAt,
    review_id: null,
    trigger_reason: about.why,
    superseded_at: about.now.toISOString(),
  });
  for (const old of [...new Set([version, ...versions])].slice(KEPT_VERSIONS))
    await removeFolder(lock, folderOf(run, area, old));
  return version;
}

const folderOf = (run: RunPaths, area: HistoryArea, version: number): string => run.history(area, version).root;
