import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type * as z from 'zod';
import type { RunLock } from '../lock/types';
import { outside, writeError } from './faults';
import { staysInside } from './inside';
import { WeldPaths } from './paths';

export { writeError } from './faults';
export { listFolders, parseRecord, readRecord, readText } from './read';

/** Replaces a file under the lock's `.weld` atomically; a crash at any instant leaves the old content or the new. */
export async function writeText(lock: RunLock, file: string, text: string | Uint8Array): Promise<void> {
  await prepare(lock, file);
  // Built where nobody looks, so that the check of the lock stands directly before the one call that changes anything.
  const built = path.join(new WeldPaths(path.dirname(lock.weldDir)).staging, `${randomUUID()}.tmp`);
  await prepare(lock, built);
  try {
    // Node writes until everything is on the disk; write-file-atomic writes once, and keeps half a file where space runs out.
    await fs.writeFile(built, text, { flag: 'wx', flush: true });
    lock.assertHeld();
    renameSync(built, file);
  } catch (error) {
    rmSync(built, { force: true });
    throw writeError(file, error);
  }
}

/** @param value checked against the schema before a byte is written; unknown fields are kept */
export async function writeRecord<S extends z.ZodType>(lock: RunLock, file: string, schema: S, value: z.input<S>): Promise<void> {
  await writeText(lock, file, recordText(schema, value));
}

/** The bytes of a record as `writeRecord` writes it. */
export function recordText<S extends z.ZodType>(schema: S, value: z.input<S>): string {
  return `${JSON.stringify(schema.parse(value), null, 2)}\n`;
}

/** Removes one file of run state, if it is there. */
export async function removeFile(lock: RunLock, file: string): Promise<void> {
  await assertInside(lock, file);
  lock.assertHeld();
  try {
    rmSync(file, { force: true });
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Removes a folder of run state with all that is in it, if it is there; links are removed, not followed. */
export async function removeFolder(lock: RunLock, folder: string): Promise<void> {
  await assertInside(lock, folder);
  lock.assertHeld();
  try {
    await fs.rm(folder, { recursive: true, force: true });
  } catch (error) {
    throw writeError(folder, error);
  }
}

/** Moves a file or folder of run state to where nothing counts it; links are moved, not followed. */
export async function moveAside(lock: RunLock, from: string, to: string): Promise<void> {
  await assertInside(lock, from);
  await prepare(lock, to);
  lock.assertHeld();
  try {
    renameSync(from, to);
  } catch (error) {
    throw writeError(from, error);
  }
}

async function prepare(lock: RunLock, file: string): Promise<void> {
  lock.assertHeld();
  await assertInside(lock, file);
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Refuses a path that leaves the lock's own `.weld`, also through a symbolic link on the way. */
async function assertInside(lock: RunLock, file: string): Promise<void> {
  if (!(await staysInside(lock.weldDir, file))) throw outside(file);
}
