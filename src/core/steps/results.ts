import type { AgentFailure } from '../agents/agent';
import type { RunId } from '../artifacts/ids';
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

/** Names one step of one run. */
export interface StepRequest {
  readonly run: RunId;
  /** The step's number in the plan. */
  readonly step: number;
}

/** For operations that read the work tree: the editor saves its unsaved files here, having asked once. */
export interface ReadsTree {
  readonly beforeReadingTree?: (() => Promise<void>) | undefined;
}

/**
 * Untracked files that an operation left out of the step's changes, large or secret by their name; `git add` brings one
 * in.
 */
export interface LeavesOut {
  readonly leftOut?: readonly string[];
}

export interface LoopRequest extends StepRequest, ReadsTree {
  /**
   * Counts the iterations of this call. Left out: `loop.max_iterations` of config.toml, or what a resumed loop had left
   * of it.
   */
  readonly maxIterations?: number | undefined;
  /**
   * Go on at the phase that an unfinished iteration had reached; without it a new iteration begins.
   * `unfinished`: the same, but a step that has passed is worked on again.
   */
  readonly resume?: boolean | 'unfinished' | undefined;
}

/** A loop that has written anything returns this; it throws only before its first write. */
export interface LoopResult extends LeavesOut {
  readonly passed: boolean;
  /** The number of the last iteration that this call worked on. */
  readonly iterations: number;
  readonly reason: StopReason;
  /** One sentence for the person, also when it passed. */
  readonly message: string;
  /** With `agent_failed` and `budget`: how the agent failed, if it was the agent. */
  readonly failure?: AgentFailure;
}

export interface IterationRequest extends StepRequest, ReadsTree {
  /** Left out: the iteration that is still open, else a new one. */
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
