import * as fs from 'node:fs/promises';
import type { StepPaths } from '../artifacts/paths';
import { type Restored, RestoredSchema } from '../artifacts/recoverySchemas';
import { PHASES, type Phase, type StepProgress, StepProgressSchema } from '../artifacts/schemas';
import { readRecord } from '../artifacts/store';
import { isErrno } from '../util/errors';
import type { StepSeals } from './seals/stepSeals';

/** Format of `progress.json`. Files of Weld 0.1, which sealed nothing, have no format. */
export const FORMAT = 2;

/** A step's folder, and what this Weld has sealed of it. */
export interface SealedStep {
  readonly paths: StepPaths;
  readonly seals: StepSeals;
}

/**
 * The numbers of the iterations that count, ascending. Once this Weld has worked on a step, these are its own
 * iterations, those that a person accepted, and those that were there before. A folder that somebody else adds later
 * does not count.
 */
export async function iterationNumbers(step: SealedStep): Promise<number[]> {
  const [found, counts] = [await iterationsOnDisk(step.paths), countsIn(step)];
  return found.filter(counts);
}

/** The iterations on disk that do not count, ascending. */
export async function foreignIterations(step: SealedStep): Promise<number[]> {
  const [found, counts] = [await iterationsOnDisk(step.paths), countsIn(step)];
  return found.filter((n) => !counts(n));
}

function countsIn({ seals }: SealedStep): (n: number) => boolean {
  const own = seals.numbers;
  const first = own.find((n) => seals.iteration(n)?.progress) ?? Infinity;
  return (n) => n < first || own.includes(n);
}

/** All iterations on disk. An empty folder, left by a failed write, does not count. */
export async function iterationsOnDisk(paths: StepPaths): Promise<number[]> {
  const found: number[] = [];
  for (const name of await list(paths.iterations)) {
    if (!/^\d{2,9}$/u.test(name) || Number(name) < 1) continue;
    if ((await list(paths.iteration(Number(name)).root)).length > 0) found.push(Number(name));
  }
  return found.sort((a, b) => a - b);
}

/**
 * How far an iteration has come: from its seal, which nobody else can write, else from its file.
 * @returns null if there is neither, as in runs of the command-line Weld
 * @throws WeldError `DAMAGED_FILE`
 */
export async function readProgress({ paths, seals }: SealedStep, iteration: number): Promise<StepProgress | null> {
  return seals.whole(iteration)?.progress ?? (await progressOnDisk(paths, iteration));
}

/**
 * @returns null if there is no such file
 * @throws WeldError `DAMAGED_FILE`
 */
export function progressOnDisk(paths: StepPaths, iteration: number): Promise<StepProgress | null> {
  return readRecord(paths.iteration(iteration).progress, StepProgressSchema);
}

/** Number of completed calls of each task in all iterations. A damaged file counts as no calls. */
export async function completedCalls(step: SealedStep): Promise<Map<string, number>> {
  const sum = new Map<string, number>();
  for (const n of await iterationNumbers(step)) {
    const progress = await readProgress(step, n).catch(() => null);
    for (const [task, calls] of Object.entries(progress?.calls ?? {})) sum.set(task, (sum.get(task) ?? 0) + calls);
  }
  return sum;
}

export function isDone(progress: Pick<StepProgress, 'done'>, phase: Phase): boolean {
  return progress.done.includes(phase);
}

/** The first unfinished phase; `verdict` if all are finished. */
export function nextPhase(progress: StepProgress): Phase {
  return PHASES.find((phase) => !isDone(progress, phase)) ?? 'verdict';
}

async function list(folder: string): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** @returns null if the step was never restored; a damaged file counts as none */
export function readRestored(paths: StepPaths): Promise<Restored | null> {
  return readRecord(paths.restored, RestoredSchema).catch(() => null);
}

/** Whether the work tree was restored to something other than what iteration `latest`, the last one, left. */
export function isAway(restored: Restored | null, latest: number): restored is Restored {
  return restored?.latest === latest && restored.iteration !== latest;
}

/** The iterations on which iteration `before` builds, latest first, without those that a restore took back. */
export async function predecessors(step: SealedStep, before: number): Promise<number[]> {
  const [numbers, restored] = [await iterationNumbers(step), await readRestored(step.paths)];
  return numbers
    .filter((n) => n < before && (restored === null || n <= restored.iteration || n > restored.latest))
    .reverse();
}
