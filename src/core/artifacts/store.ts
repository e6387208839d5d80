import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type * as z from 'zod';
import type { RunLock } from '../lock/types';
import { outside, writeError } from './faults';
import { isInside } from './inside';
import { WeldPaths } from './paths';
import { type HeldFolder, holdFolder } from './plain';
import { mostBytesOf } from './schemas';

export { writeError } from './faults';
export { listFolders, parseRecord, readRecord, readText } from './read';

/** Replaces a file under the lock's `.weld` atomically; a crash at any instant leaves the old content or the new. */
export async function writeText(lock: RunLock, file: string, text: string | Uint8Array): Promise<void> {
  lock.assertHeld();
  using folder = make(lock, path.dirname(file));
  // Built where nobody looks, so that the check of the lock stands directly before the one call that changes anything.
  using staging = make(lock, new WeldPaths(path.dirname(lock.weldDir)).staging);
  const built = staging.at(`${randomUUID()}.tmp`);
  try {
    // Node writes until everything is on the disk; write-file-atomic writes once, and keeps half a file where space
    // runs out.
    await fs.writeFile(built, text, { flag: 'wx', flush: true });
    lock.assertHeld();
    renameSync(built, folder.at(path.basename(file)));
  } catch (error) {
    rmSync(built, { force: true });
    throw writeError(file, error);
  }
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

/** Removes one file of run state, if it is there. */
export async function removeFile(lock: RunLock, file: string): Promise<void> {
  await Promise.resolve(); // a rejection, never a throw
  using folder = find(lock, file);
  lock.assertHeld();
  try {
    if (folder) rmSync(folder.at(path.basename(file)), { force: true });
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Removes a folder of run state with all that is in it, if it is there; links are removed, not followed. */
export async function removeFolder(lock: RunLock, folder: string): Promise<void> {
  using parent = find(lock, folder);
  lock.assertHeld();
  try {
    if (parent) await fs.rm(parent.at(path.basename(folder)), { recursive: true, force: true });
  } catch (error) {
    throw writeError(folder, error);
  }
}

/** Moves a file or folder of run state to where nothing counts it; links are moved, not followed. */
export async function moveAside(lock: RunLock, from: string, to: string): Promise<void> {
  await Promise.resolve(); // a rejection, never a throw
  using folder = find(lock, from);
  using target = make(lock, path.dirname(to));
  lock.assertHeld();
  try {
    // Where its folder is missing the system says what is not there.
    renameSync(folder?.at(path.basename(from)) ?? from, target.at(path.basename(to)));
  } catch (error) {
    throw writeError(from, error);
  }
}

/**
 * @throws WeldError `OUTSIDE_REPOSITORY` for a folder that leaves the lock's own `.weld`, also through a link on the
 * way
 */
function make(lock: RunLock, folder: string): HeldFolder {
  const held = holdFolder(lock.weldDir, folder, true);
  if (held === null) throw writeError(folder, new Error('it vanished while it was made'));
  return held;
}

function find(lock: RunLock, file: string): HeldFolder | null {
  if (!isInside(lock.weldDir, file)) throw outside(file);
  return holdFolder(lock.weldDir, path.dirname(file), false);
}
