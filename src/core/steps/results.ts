import type { AgentFailure } from '../agents/agent';
import type { RunId } from '../artifacts/runIds';
import type { ChecksSummary, Issue } from '../artifacts/schemas';

export type StopReason =
  | 'passed'
  | 'max_iterations'
  | 'cancelled'
  | 'lock_lost'
  | 'budget'
  | 'no_progress'
  | 'agent_failed'
  | 'violation'
  | 'needs_person';

/** Identifies a step of a run. */
export interface StepRequest {
  readonly run: RunId;
  /** The step's number in the plan. */
  readonly step: number;
}

/** For operations that read the work tree: the editor asks once and saves its unsaved files here. */
export interface ReadsTree {
  readonly beforeReadingTree?: (() => Promise<void>) | undefined;
}

/**
 * Untracked files that an operation left out of the step's changes, because they are large or their names suggest
 * secrets. `git add` includes one.
 */
export interface LeavesOut {
  readonly leftOut?: readonly string[];
}

export interface LoopRequest extends StepRequest, ReadsTree {
  /**
   * Maximum number of iterations in this call. Omitted: `loop.max_iterations` of config.toml, or what a resumed loop
   * had left of it.
   */
  readonly maxIterations?: number | undefined;
  /**
   * Continue an unfinished iteration at the phase that it had reached; omitted or false: begin a new one. `unfinished`:
   * the same as true, but also works on a step that has passed.
   */
  readonly resume?: boolean | 'unfinished' | undefined;
}

/** A loop returns this once it has written anything; it throws only before its first write. */
export interface LoopResult extends LeavesOut {
  readonly passed: boolean;
  /** Number of the last iteration that this call worked on. */
  readonly iterations: number;
  readonly reason: StopReason;
  /** One sentence for the person, even if the step passed. */
  readonly message: string;
  /** With `agent_failed` and `budget`: how the agent failed, if the agent was the cause. */
  readonly failure?: AgentFailure;
}

export interface IterationRequest extends StepRequest, ReadsTree {
  /** Omitted: the unfinished iteration, else a new one. */
  readonly iteration?: number | undefined;
}

export interface SnapshotResult extends LeavesOut {
  readonly iteration: number;
  readonly checks: ChecksSummary;
  readonly diffEmpty: boolean;
}

export interface ReviewResult {
  readonly iteration: number;
  readonly pass: boolean;
  readonly issues: readonly Issue[];
}
