import type { RunId } from '../core/artifacts/ids';
import type { WeldPaths } from '../core/artifacts/paths';
import { type Issue, IssuesFileSchema, StepRecordSchema } from '../core/artifacts/schemas';
import { readRecord } from '../core/artifacts/store';
import { inspectLock } from '../core/lock';
import type { LockState } from '../core/lock/types';
import { planInForce } from '../core/runs/planInForce';
import { listSteps } from '../core/steps/state/read';
import type { StepState } from '../core/steps/state/types';
import { readOnlyProject } from './readOnly';

/** The latest iteration of a step with a verdict on it. */
export interface LatestReview {
  readonly iteration: number;
  readonly issues: readonly Issue[];
  /** The acceptance criteria as the reviewer had them, in the order in which issues count them. */
  readonly criteria: readonly string[];
  /** Absolute path of its issues.json. */
  readonly file: string;
}

/** A run as its plan shows it. */
export interface RunView {
  /** By number; a number that is there twice has its first step. */
  readonly steps: ReadonlyMap<number, StepState>;
  readonly reviews: ReadonlyMap<number, LatestReview>;
  readonly lock: LockState;
  /** Absolute path of the plan in force. */
  readonly planFile: string | null;
  readonly maxIterations: number;
}

/** Reads small files only; what is damaged is left out here, the Runs view says so. */
export async function readRunView(paths: WeldPaths, run: RunId, storage: string): Promise<RunView> {
  const project = readOnlyProject(paths.top, storage);
  const [states, lock, plan, config] = await Promise.all([
    listSteps(project, run).catch((): StepState[] => []),
    inspectLock(paths.root).catch((): LockState => ({ kind: 'unreadable', why: 'it cannot be looked at' })),
    planInForce(project, run).catch(() => null),
    project.config().catch(() => null),
  ]);
  const steps = new Map<number, StepState>();
  for (const state of states) if (!steps.has(state.n)) steps.set(state.n, state);
  const reviews = new Map<number, LatestReview>();
  await Promise.all(
    [...steps.values()].map(async (state) => {
      const step = paths.run(run).step(state.key);
      for (const iteration of state.iterations.toReversed()) {
        const file = step.iteration(iteration.n).issues;
        const record = await readRecord(file, IssuesFileSchema).catch(() => null);
        if (record === null) continue;
        // Once a step has an iteration, its record stays as it is, whatever becomes of the plan.
        const own = await readRecord(step.record, StepRecordSchema).catch(() => null);
        reviews.set(state.n, {
          iteration: iteration.n,
          issues: record.issues,
          criteria: own?.acceptance_criteria ?? [],
          file,
        });
        return;
      }
    }),
  );
  return { steps, reviews, lock, planFile: plan?.file ?? null, maxIterations: config?.config.loop.max_iterations ?? 5 };
}
