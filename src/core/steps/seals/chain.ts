import { createHash, randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { writeAside } from '../../artifacts/plain';
import type { RunId } from '../../artifacts/runIds';
import { type StepProgress, StepProgressSchema } from '../../artifacts/schemas';
import {
  type IterationSeal,
  type Outcome,
  type PhaseSeal,
  type RunSeal,
  RunSealSchema,
} from '../../artifacts/sealSchemas';
import { readRecord, readText, writeError } from '../../artifacts/store';
import type { RunLock } from '../../lock/runLock';
import { digestOf } from '../memory';

export interface Entry {
  readonly phase: PhaseSeal['phase'];
  readonly at: string;
  readonly epoch: number;
  /** sha256 of each file as written, by name. */
  readonly digests: Readonly<Record<string, string>>;
  readonly progress: StepProgress;
  /** Omitted: the iteration has no outcome, or no longer has one. */
  readonly outcome?: Outcome | undefined;
}

/** Adds one phase to the chain of an iteration's seal. */
export function extended(before: IterationSeal | null, entry: Entry): IterationSeal {
  const chain = before?.chain ?? [];
  const outcome = entry.outcome ?? null;
  const progress = StepProgressSchema.parse(entry.progress); // normalized as when it is read again
  const link = {
    phase: entry.phase,
    at: entry.at,
    epoch: entry.epoch,
    digests: { ...entry.digests },
    progress: digestOf(canonical(progress)),
    outcome: outcome && digestOf(canonical(outcome)),
    before: chain.at(-1)?.seal ?? null,
  };
  return { ...before, progress, chain: [...chain, { ...link, seal: sealOf(link) }], outcome };
}

/** A seal is immutable and is checked many times in each iteration, so the result is cached. */
const judged = new WeakMap<IterationSeal, boolean>();

/** Whether every link follows from the one before, and the last one matches the sealed progress and outcome. */
export function holds(seal: IterationSeal): boolean {
  const known = judged.get(seal);
  if (known !== undefined) return known;
  const found = follows(seal);
  judged.set(seal, found);
  return found;
}

function follows({ chain, progress, outcome }: IterationSeal): boolean {
  let before: string | null = null;
  for (const link of chain) {
    if (link.before !== before || link.seal !== sealOf(link)) return false;
    before = link.seal;
  }
  const last = chain.at(-1);
  if (!last) return !progress && !outcome;
  return (
    last.progress === digestOf(canonical(progress)) && last.outcome === (outcome ? digestOf(canonical(outcome)) : null)
  );
}

function sealOf({ phase, at, epoch, digests, progress, outcome, before }: Omit<PhaseSeal, 'seal'>): string {
  return digestOf(canonical({ phase, at, epoch, digests, progress, outcome, before }));
}

/** JSON that does not depend on the order of the names. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isPlain(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @returns null if there is no seal
 * @throws WeldError `DAMAGED_FILE` with the name of the file
 */
export function readSeal(file: string): Promise<RunSeal | null> {
  return readRecord(file, RunSealSchema);
}

/**
 * Replaces a seal atomically. If it throws, the old seal is unchanged.
 * @throws WeldError `LOCK_LOST`, `DISK_FULL`, `NOT_WRITABLE`
 */
export async function writeSeal(lock: RunLock, file: string, seal: RunSeal): Promise<void> {
  lock.assertHeld();
  const built = `${file}.${randomUUID()}.tmp`;
  await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw writeError(file, error);
  });
  const place = (): void => {
    lock.assertHeld();
    renameSync(built, file);
  };
  const text = `${JSON.stringify(RunSealSchema.parse(seal))}\n`;
  await writeAside(built, file, text, place, { flush: true, mode: 0o600 });
}

/**
 * The folder of all seals; guests can at most read it.
 * @param storage absolute path of the extension's storage
 */
export const sealsRoot = (storage: string): string => path.join(storage, 'seals');

/** The file with the seals of a run; null if the reader does not know the extension's storage. */
export async function sealFile(
  project: { readonly top: string; readonly storage: string },
  run: RunId,
): Promise<string | null> {
  if (project.storage === '') return null;
  return path.join(sealsRoot(project.storage), await repositoryKey(project.top), `${run}.json`);
}

/** One key for a repository and all its linked work trees, because runs of the same id share their refs there. */
async function repositoryKey(top: string): Promise<string> {
  const folder = await commonFolder(top);
  const real = await fs.realpath(folder).catch(() => folder);
  return createHash('sha256').update(real).digest('hex').slice(0, 32);
}

/** The git folder that all work trees share, found as git finds it but without starting git. */
async function commonFolder(top: string): Promise<string> {
  const dotGit = path.join(top, '.git');
  const pointer = /^gitdir: (.+)$/mu.exec((await readText(dotGit).catch(() => null)) ?? '')?.[1];
  const own = pointer === undefined ? dotGit : path.resolve(top, pointer.trimEnd());
  const common = await readText(path.join(own, 'commondir')).catch(() => null);
  return common === null ? own : path.resolve(own, common.trim());
}
