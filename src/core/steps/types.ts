import type { RunId } from '../artifacts/ids';

export type StopReason = 'passed' | 'max_iterations' | 'cancelled' | 'lock_lost' | 'budget' | 'no_progress' | 'agent_failed';

export interface LoopRequest {
  readonly run: RunId;
  /** The step's number in the plan. */
  readonly step: number;
  /** Left out: `loop.max_iterations` of config.toml. Counts the iterations of this call. */
  readonly maxIterations?: number;
  /** Go on at the phase that an unfinished iteration had reached; without it a new iteration begins. */
  readonly resume?: boolean;
}

/** A loop that has written anything returns this; it throws only before its first write. */
export interface LoopResult {
  readonly passed: boolean;
  /** The number of the last iteration that this call worked on. */
  readonly iterations: number;
  readonly reason: StopReason;
  /** One sentence for the person, also when it passed. */
  readonly message: string;
}
