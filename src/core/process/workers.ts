import { createHash, randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type * as z from 'zod';
import { writeError } from '../artifacts/inside';
import { WeldPaths } from '../artifacts/paths';
import { holdFolder, writeAside } from '../artifacts/plain';
import { type Worker, WorkerSchema } from '../artifacts/recoverySchemas';
import { readRecord, removeFile, writeRecord } from '../artifacts/store';
import type { RunLock } from '../lock/runLock';
import { startOf } from '../system/processes';
import { isErrno, reason, WeldError } from '../util/errors';
import { endFamily, Family } from './family';

const fileOf = (lock: RunLock, id: string): string => path.join(folderOf(lock), `${id}.json`);

const folderOf = (lock: RunLock): string => new WeldPaths(path.dirname(lock.weldDir)).workers;

/**
 * Records a worker before its program starts: sealed in `storage`, and in `.weld/workers` for others to read.
 * @param pid the supervisor's
 */
export async function recordWorker(
  lock: RunLock,
  storage: string,
  id: string,
  pid: number,
  program: string,
): Promise<void> {
  const { host, boot_id, pid_ns, epoch } = lock.record;
  const worker = { id, marker: id, pid, pid_started_at: await startOf(pid), host, boot_id, pid_ns, epoch, program };
  await seal(storage, lock.weldDir, worker);
  await writeRecord(lock, fileOf(lock, id), WorkerSchema, worker);
}

/**
 * Erases the records of a worker that has ended. After the lock is lost, the one in `.weld` is the successor's to
 * erase.
 */
export async function eraseWorker(lock: RunLock, storage: string, id: string): Promise<void> {
  try {
    await unseal(storage, lock.weldDir, id);
    await removeFile(lock, fileOf(lock, id));
  } catch (error) {
    if (!(error instanceof WeldError)) throw error;
  }
}

export interface Predecessors {
  /** Workers on another machine or in another container, which cannot be checked from here. */
  readonly elsewhere: readonly Worker[];
  /** Records that cannot be read. */
  readonly unreadable: readonly string[];
}

export interface PredecessorsRequest {
  /** The folder of the seals: the extension's global storage. */
  readonly storage: string;
  /** Time limit for all of them together, in ms; for half of it they may end by themselves. */
  readonly timeoutMs: number;
}

/**
 * Makes sure that no program of an earlier lock holder still runs: waits, ends what is left, erases the records. Call
 * it right after acquiring the lock, before the first write. Ends only what a sealed record names: guests and
 * repositories can write to `.weld/workers`, so what only that folder lists is left alone.
 * @throws WeldError `WORKERS_ALIVE` when a process survives, or another Weld's program still runs
 */
export async function predecessorsGone(
  lock: RunLock,
  { storage, timeoutMs }: PredecessorsRequest,
): Promise<Predecessors> {
  const sealed = await sealedWorkers(storage, lock.weldDir);
  const known = new Set(sealed.workers.map(({ id }) => id));
  const unsealed = await unsealedWorkers(lock, known);
  const elsewhere: Worker[] = [...unsealed.elsewhere];
  const here: Worker[] = [];
  for (const worker of sealed.workers) {
    if (typeof worker.epoch === 'number' && worker.epoch === lock.record.epoch) continue; // our own workers
    if (placeOf(worker, lock) === 'elsewhere') elsewhere.push(worker);
    else here.push(worker);
  }
  const survivors = (
    await Promise.all(
      here.map(async (worker) => {
        const living = sinceThisStart(worker, lock) ? await endPredecessor(worker, timeoutMs) : [];
        if (living.length === 0) await eraseWorker(lock, storage, worker.id);
        return living.map((pid) => `${worker.program} (pid ${pid})`);
      }),
    )
  ).flat();
  if (survivors.length > 0)
    throw new WeldError(
      'WORKERS_ALIVE',
      `Programs that an earlier run started still run: ${survivors.join(', ')}; end them and try again.`,
    );
  await eraseEndedStrangers(lock, storage, unsealed.here);
  return { elsewhere, unreadable: [...sealed.unreadable, ...unsealed.unreadable] };
}

/** Unsealed workers in `.weld/workers`: of another editor or person, or made up by anyone. */
async function unsealedWorkers(
  lock: RunLock,
  known: ReadonlySet<string>,
): Promise<{ here: Worker[]; elsewhere: Worker[]; unreadable: string[] }> {
  const unsealed: { here: Worker[]; elsewhere: Worker[]; unreadable: string[] } = {
    here: [],
    elsewhere: [],
    unreadable: [],
  };
  for (const file of await recordFiles(folderOf(lock))) {
    const id = path.basename(file, '.json');
    if (known.has(id)) continue;
    const worker = await readRecord(file, WorkerSchema, { most: MOST_WORKER }).catch(() => undefined);
    if (worker === null) continue;
    if (worker === undefined || !isWorkerId(id) || worker.id !== id || worker.marker !== id)
      unsealed.unreadable.push(file);
    else unsealed[placeOf(worker, lock)].push(worker);
  }
  return unsealed;
}

/** Erases unsealed records whose processes have ended. Ends no process: nobody vouches for these records. */
async function eraseEndedStrangers(lock: RunLock, storage: string, workers: readonly Worker[]): Promise<void> {
  for (const worker of workers) {
    const living = sinceThisStart(worker, lock) ? await new Family(worker.id).look() : [];
    if (living.length > 0)
      throw new WeldError(
        'WORKERS_ALIVE',
        `${worker.program} (pid ${living.join(', ')}), which another Weld started here, still runs; end it, or ` +
          `remove ${fileOf(lock, worker.id)} if it is no ` +
          `work of Weld's, ` +
          'and try again.',
      );
    await eraseWorker(lock, storage, worker.id);
  }
}

async function endPredecessor(worker: Worker, timeoutMs: number): Promise<number[]> {
  const supervisor =
    typeof worker.pid_started_at !== 'string' ? undefined : { pid: worker.pid, startedAt: worker.pid_started_at };
  return endFamily(new Family(worker.id, supervisor), timeoutMs / 2, { killMs: timeoutMs / 2 });
}

/** Whether the worker started since the machine's last restart: nothing older can live, and its pid may be reused. */
const sinceThisStart = (worker: Worker, lock: RunLock): boolean =>
  (worker.boot_id ?? undefined) === lock.record.boot_id;

function placeOf(worker: Worker, lock: RunLock): 'here' | 'elsewhere' {
  const { host, boot_id, pid_ns } = lock.record;
  if (boot_id !== undefined && worker.boot_id === boot_id)
    return (worker.pid_ns ?? undefined) === pid_ns ? 'here' : 'elsewhere';
  if ((worker.host ?? undefined) !== host) return 'elsewhere';
  return (worker.boot_id ?? undefined) !== boot_id || (worker.pid_ns ?? undefined) === pid_ns ? 'here' : 'elsewhere';
}

async function recordFiles(folder: string): Promise<string[]> {
  try {
    const names = await fs.readdir(folder);
    return names.filter((name) => name.endsWith('.json')).map((name) => path.join(folder, name));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw new WeldError(
      'DAMAGED_FILE',
      `${folder} cannot be read (${reason(error)}); give yourself access to it and try again.`,
      { cause: error },
    );
  }
}

/** Maximum size of a record, in bytes; usually it is under 1 KB. */
export const MOST_WORKER = 16 * 1024;

const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u;

/** Whether a text has the form of Weld's random ids: hard to guess, and safe as file names. */
export const isWorkerId = (text: string): boolean => ID.test(text);

/**
 * The folder of the records that count: outside every repository, one for each `.weld`, so that neither a repository
 * nor a guest under prevention can name a process to be ended. A program of the same user without prevention can write
 * there, but gains nothing: it can end that user's processes itself.
 */
function sealFolder(storage: string, weldDir: string): string {
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
  const folder = sealFolder(storage, weldDir);
  using held = holdFolder(storage, folder, true);
  const file = path.join(folder, `${worker.id}.json`);
  if (held === null || !isWorkerId(worker.id)) throw writeError(file, new Error('its folder is gone'));
  const built = held.at(`${randomUUID()}.tmp`);
  const text = JSON.stringify(WorkerSchema.parse(worker));
  await writeAside(built, file, text, () => fs.rename(built, held.at(path.basename(file))), { mode: 0o600 });
}

/** @throws WeldError `NOT_WRITABLE` */
export async function unseal(storage: string, weldDir: string, id: string): Promise<void> {
  const folder = sealFolder(storage, weldDir);
  using held = holdFolder(storage, folder, false);
  if (!held || !isWorkerId(id)) return;
  await fs.rm(held.at(`${id}.json`), { force: true }).catch((error: unknown) => {
    throw writeError(path.join(folder, `${id}.json`), error);
  });
}

/** The workers that this person's Weld started for one `.weld`. */
export async function sealedWorkers(
  storage: string,
  weldDir: string,
): Promise<{ readonly workers: readonly Worker[]; readonly unreadable: readonly string[] }> {
  const folder = sealFolder(storage, weldDir);
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
