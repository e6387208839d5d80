import { createHash, randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod';
import { writeError } from '../artifacts/faults';
import { holdFolder } from '../artifacts/plain';
import { readRecord } from '../artifacts/read';
import { isErrno } from '../errors';

/** One supervised program, written before it starts and erased after its whole tree has ended. */
export const WorkerSchema = z.looseObject({
  id: z.string(),
  /** What everything the program starts carries in its environment: the id again. */
  marker: z.string(),
  /** The supervisor, and when it started in the system's own words. */
  pid: z.number().int().positive(),
  pid_started_at: z.string().nullish(),
  /** Where it runs, as the lock's record says it. */
  host: z.string().nullish(),
  boot_id: z.string().nullish(),
  pid_ns: z.string().nullish(),
  epoch: z.number().int().nonnegative().nullish(),
  program: z.string(),
});
export type Worker = z.infer<typeof WorkerSchema>;

/** A record is under 1 KB. In bytes. */
export const MOST_WORKER = 16 * 1024;

const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u;

/** Whether a text is an id as Weld makes them, by chance: nobody guesses it, and it is a safe file name. */
export const isWorkerId = (text: string): boolean => ID.test(text);

/**
 * Where the records that count are kept: outside of every repository, one folder for each `.weld`, so that neither a
 * repository's content nor a guest under prevention can name a process to be ended. Who works as the same user without
 * prevention can write there, and gains nothing: it can end that user's processes itself.
 */
function folderOf(storage: string, weldDir: string): string {
  return path.join(storage, 'workers', createHash('sha256').update(real(weldDir)).digest('hex').slice(0, 32));
}

function real(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}

/** @throws WeldError `NOT_WRITABLE`, `DISK_FULL`, `OUTSIDE_REPOSITORY` */
export async function seal(storage: string, weldDir: string, worker: z.input<typeof WorkerSchema>): Promise<void> {
  const folder = folderOf(storage, weldDir);
  using held = holdFolder(storage, folder, true);
  const file = path.join(folder, `${worker.id}.json`);
  if (held === null || !isWorkerId(worker.id)) throw writeError(file, new Error('its folder is gone'));
  const built = held.at(`${randomUUID()}.tmp`);
  try {
    await fs.writeFile(built, JSON.stringify(WorkerSchema.parse(worker)), { flag: 'wx', mode: 0o600 });
    await fs.rename(built, held.at(path.basename(file)));
  } catch (error) {
    await fs.rm(built, { force: true }).catch(() => undefined);
    throw writeError(file, error);
  }
}

/** @throws WeldError `NOT_WRITABLE` */
export async function unseal(storage: string, weldDir: string, id: string): Promise<void> {
  const folder = folderOf(storage, weldDir);
  using held = holdFolder(storage, folder, false);
  if (!held || !isWorkerId(id)) return;
  await fs.rm(held.at(`${id}.json`), { force: true }).catch((error: unknown) => {
    throw writeError(path.join(folder, `${id}.json`), error);
  });
}

/** The workers that this person's Weld started under one `.weld`. */
export async function sealedWorkers(
  storage: string,
  weldDir: string,
): Promise<{ readonly workers: readonly Worker[]; readonly unreadable: readonly string[] }> {
  const folder = folderOf(storage, weldDir);
  const workers: Worker[] = [];
  const unreadable: string[] = [];
  for (const id of await idsIn(folder)) {
    const file = path.join(folder, `${id}.json`);
    const worker = await readRecord(file, WorkerSchema, { most: MOST_WORKER }).catch(() => undefined);
    if (worker === null) continue;
    if (worker?.id === id && worker.marker === id) workers.push(worker);
    else unreadable.push(file);
  }
  return { workers, unreadable };
}

async function idsIn(folder: string): Promise<string[]> {
  try {
    return (await fs.readdir(folder))
      .filter((name) => name.endsWith('.json'))
      .map((name) => path.basename(name, '.json'))
      .filter(isWorkerId);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw writeError(folder, error);
  }
}
