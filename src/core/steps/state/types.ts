import type { RunId, StepKey } from '../../artifacts/ids';
import type { GateCondition, Phase, Timing } from '../../artifacts/schemas';

export type StepStateKind = 'not-selected' | 'selected' | 'in-progress' | 'failed' | 'passed' | 'skipped' | 'committed' | 'damaged';
export type IterationStateKind = 'unfinished' | 'failed' | 'passed' | 'damaged';

export interface Artifact {
  /** Such as `diff`, `review`, `check test`. */
  readonly label: string;
  readonly path: string;
}

export interface IssueCounts {
  readonly open: number;
  readonly blocker: number;
  readonly major: number;
  readonly minor: number;
  readonly waived: number;
}

export interface IterationState {
  readonly n: number;
  readonly state: IterationStateKind;
  /** For `unfinished`: the phase at which Resume goes on. */
  readonly phase: Phase | null;
  /** Why it has not passed, in a few words: the first condition of the gate that does not hold, or what is damaged. */
  readonly why: string | null;
  readonly gate: readonly GateCondition[];
  readonly issues: IssueCounts;
  readonly checks: { readonly failed: readonly string[]; /** Failed once and passed when run again. */ readonly flaky: readonly string[] };
  readonly timing: Timing | null;
  /** The captured tree, a git object id. */
  readonly tree: string | null;
  /** ISO time of the last write, where it is known. */
  readonly updatedAt: string | null;
  readonly artifacts: readonly Artifact[];
}

export interface StepState {
  readonly run: RunId;
  readonly n: number;
  readonly key: StepKey;
  readonly title: string;
  readonly state: StepStateKind;
  readonly why: string | null;
  /** Where the step stands in the plan in force; null when the plan no longer has it. */
  readonly line: number | null;
  /** Ascending. */
  readonly iterations: readonly IterationState[];
  /** Prompts and `step.json`. */
  readonly artifacts: readonly Artifact[];
}
