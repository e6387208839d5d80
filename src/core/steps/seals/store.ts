import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { readRecord, writeError } from '../../artifacts/store';
import type { RunLock } from '../../lock/types';
import { type RunSeal, RunSealSchema } from './schema';

/** @returns null when there is none @throws WeldError `DAMAGED_FILE` naming the file */
export function readSeal(file: string): Promise<RunSeal | null> {
  return readRecord(file, RunSealSchema);
}

/** Replaces a seal atomically. @throws WeldError `LOCK_LOST`, `DISK_FULL`, `NOT_WRITABLE` with the old one as it was */
export async function writeSeal(lock: RunLock, file: string, seal: RunSeal): Promise<void> {
  lock.assertHeld();
  const built = `${file}.${randomUUID()}.tmp`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await fs.writeFile(built, `${JSON.stringify(RunSealSchema.parse(seal))}\n`, {
      flag: 'wx',
      flush: true,
      mode: 0o600,
    });
    lock.assertHeld();
    renameSync(built, file);
  } catch (error) {
    rmSync(built, { force: true });
    throw writeError(file, error);
  }
}
