import * as fs from 'node:fs/promises';
import * as z from 'zod';
import { ProgressSchema, type Phase } from '../artifacts/schemas';
import type { StepPaths } from '../artifacts/paths';
import { readRecord } from '../artifacts/store';
import { isErrno } from '../errors';
import { UnderReviewSchema } from './underReview';

const count = z.number().int().nonnegative();

/** `progress.json` as the loop writes it: besides the finished phases what the gate needs to trust their files. */
export const StepProgressSchema = ProgressSchema.extend({
  /** Completed agent calls by task: what `attempt` counts on, also after a crash. */
  calls: z.record(z.string(), count).default({}),
  /** sha256 of each evidence file as its phase wrote it, by file name: a truncated one is recognised. */
  digests: z.record(z.string(), z.string()).default({}),
  /** The work tree after the checks, where they changed it (formatters, reports). */
  checked_tree: z.string().nullish(),
  /** The loop that the iteration belongs to: its first and its last allowed iteration. A resume goes on to the same last one. */
  loop: z.looseObject({ first: z.number().int().positive(), last: z.number().int().positive() }).optional(),
  configured_checks: z.array(z.string()).default([]),
  left_out: z.array(z.looseObject({ path: z.string(), why: z.string() })).default([]),
  /** How the review ended, and while it has not, how everything stood before it. */
  review: z.looseObject({ ended: z.boolean(), why: z.string().default(''), changed: z.array(z.string()).default([]), before: UnderReviewSchema.nullish() }).nullish(),
});
export type StepProgress = z.infer<typeof StepProgressSchema>;

/** The numbers of the iterations on disk, ascending; an empty folder of a write that failed does not count. */
export async function iterationNumbers(paths: StepPaths): Promise<number[]> {
  const entries = await list(paths.iterations);
  const found: number[] = [];
  for (const name of entries) {
    if (!/^\d{2,}$/u.test(name) || Number(name) < 1) continue;
    if ((await list(paths.iteration(Number(name)).root)).length > 0) found.push(Number(name));
  }
  return found.sort((a, b) => a - b);
}

/** @returns null when there is none, as in runs of the command-line Weld @throws WeldError `DAMAGED_FILE` */
export function readProgress(paths: StepPaths, iteration: number): Promise<StepProgress | null> {
  return readRecord(paths.iteration(iteration).progress, StepProgressSchema);
}

/** How many calls of each task have been completed in all iterations; a damaged file counts for none. */
export async function completedCalls(paths: StepPaths): Promise<Map<string, number>> {
  const sum = new Map<string, number>();
  for (const n of await iterationNumbers(paths)) {
    const progress = await readProgress(paths, n).catch(() => null);
    for (const [task, calls] of Object.entries(progress?.calls ?? {})) sum.set(task, (sum.get(task) ?? 0) + calls);
  }
  return sum;
}

export function isDone(progress: Pick<StepProgress, 'done'>, phase: Phase): boolean {
  return progress.done.includes(phase);
}

async function list(folder: string): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
