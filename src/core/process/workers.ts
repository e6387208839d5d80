import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod';
import { WeldPaths } from '../artifacts/paths';
import { readRecord, removeFile, writeRecord } from '../artifacts/store';
import { isErrno, reason, WeldError } from '../errors';
import type { RunLock } from '../lock/types';
import { endFamily, Family } from './family';
import { startOf } from './table';

/** `.weld/workers/<id>.json`: one supervised program, written before it starts and erased after its whole tree has ended. */
const WorkerSchema = z.looseObject({
  id: z.string(),
  /** What everything the program starts carries in its environment. */
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

const fileOf = (lock: RunLock, id: string): string => path.join(folderOf(lock), `${id}.json`);
const folderOf = (lock: RunLock): string => new WeldPaths(path.dirname(lock.weldDir)).workers;

/** @param pid the supervisor's */
export async function recordWorker(lock: RunLock, id: string, pid: number, program: string): Promise<void> {
  const { host, boot_id, pid_ns, epoch } = lock.record;
  await writeRecord(lock, fileOf(lock, id), WorkerSchema, { id, marker: id, pid, pid_started_at: startOf(pid), host, boot_id, pid_ns, epoch, program });
}

/** Erases the record of a worker that is gone; after the lock is lost this is the successor's to do. */
export async function eraseWorker(lock: RunLock, id: string): Promise<void> {
  try {
    await removeFile(lock, fileOf(lock, id));
  } catch (error) {
    if (!(error instanceof WeldError)) throw error;
  }
}

export interface Predecessors {
  /** Workers of another machine or container, which cannot be looked at from here. */
  readonly elsewhere: readonly Worker[];
  /** Records that nobody can read. */
  readonly unreadable: readonly string[];
}

/**
 * Sees to it that nothing of an earlier holder's programs runs any more: waits for it, ends what does not end, erases the records.
 * To be called right after the lock was acquired, before the first write.
 * @param options.timeoutMs for all of them together; half of it is left to them to end by themselves
 * @throws WeldError `WORKERS_ALIVE` when something survives
 */
export async function predecessorsGone(lock: RunLock, options: { readonly timeoutMs: number }): Promise<Predecessors> {
  const elsewhere: Worker[] = [];
  const unreadable: string[] = [];
  const here: Worker[] = [];
  for (const file of await recordFiles(folderOf(lock))) {
    const worker = await readRecord(file, WorkerSchema).catch(() => undefined);
    if (worker === undefined || worker?.id !== path.basename(file, '.json')) { if (worker !== null) unreadable.push(file); continue; }
    if (worker.epoch !== undefined && worker.epoch === lock.record.epoch) continue; // our own
    const where = placeOf(worker, lock);
    if (where === 'elsewhere') elsewhere.push(worker);
    else here.push(worker);
  }
  const survivors = (await Promise.all(here.map(async (worker) => {
    // After a restart of the machine nothing of it can live, and its pid may be anyone's.
    const living = worker.boot_id === lock.record.boot_id ? await endPredecessor(worker, options.timeoutMs) : [];
    if (living.length === 0) await eraseWorker(lock, worker.id);
    return living.map((pid) => `${worker.program} (pid ${pid})`);
  }))).flat();
  if (survivors.length > 0)
    throw new WeldError('WORKERS_ALIVE', `Programs that an earlier run started still run: ${survivors.join(', ')}; end them and try again.`);
  return { elsewhere, unreadable };
}

async function endPredecessor(worker: Worker, timeoutMs: number): Promise<number[]> {
  const supervisor = typeof worker.pid_started_at !== 'string' ? undefined : { pid: worker.pid, startedAt: worker.pid_started_at };
  return endFamily(new Family(worker.marker, supervisor), timeoutMs / 2, { killMs: timeoutMs / 2 });
}

function placeOf(worker: Worker, lock: RunLock): 'here' | 'elsewhere' {
  const { host, boot_id, pid_ns } = lock.record;
  if ((worker.host ?? undefined) !== host) return 'elsewhere';
  return (worker.boot_id ?? undefined) !== boot_id || (worker.pid_ns ?? undefined) === pid_ns ? 'here' : 'elsewhere';
}

async function recordFiles(folder: string): Promise<string[]> {
  try {
    const names = await fs.readdir(folder);
    return names.filter((name) => name.endsWith('.json')).map((name) => path.join(folder, name));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw new WeldError('DAMAGED_FILE', `${folder} cannot be read (${reason(error)}); give yourself access to it and try again.`, { cause: error });
  }
}
