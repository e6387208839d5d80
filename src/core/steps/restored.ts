import * as z from 'zod';
import type { StepPaths } from '../artifacts/paths';
import { readRecord } from '../artifacts/store';
import { iterationNumbers, type SealedStep } from './progress';

/** `restored.json`, ours: which state the work tree was last taken back to, so that what follows goes on from there. */
export const RestoredSchema = z.looseObject({
  /** As it was asked for, such as "iteration 1". */
  target: z.string(),
  tree: z.string(),
  /** The iteration whose tree this is; 0: the step's beginning. */
  iteration: z.number().int().nonnegative(),
  /** The latest finished iteration at that time; what is later goes on from the restored state. */
  latest: z.number().int().nonnegative(),
  restored_at: z.string(),
});
export type Restored = z.infer<typeof RestoredSchema>;

/** @returns null when the step was never restored; a damaged file counts as none */
export function readRestored(paths: StepPaths): Promise<Restored | null> {
  return readRecord(paths.restored, RestoredSchema).catch(() => null);
}

/** Whether the work tree was taken back from what iteration `latest`, the last one, had left. */
export function isAway(restored: Restored | null, latest: number): restored is Restored {
  return restored?.latest === latest && restored.iteration !== latest;
}

/** The iterations whose work led to iteration `before`, the latest first: not those that a restore has taken back. */
export async function predecessors(step: SealedStep, before: number): Promise<number[]> {
  const [numbers, restored] = [await iterationNumbers(step), await readRestored(step.paths)];
  return numbers
    .filter((n) => n < before && (restored === null || n <= restored.iteration || n > restored.latest))
    .reverse();
}
