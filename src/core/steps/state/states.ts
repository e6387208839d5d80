import type { RunId, StepKey } from '../../artifacts/ids';
import type { GateCondition, Phase, Timing } from '../../artifacts/schemas';

/**
 * A pass that does not count until a person accepts it: another machine or the command-line Weld made it, its files are
 * not what this Weld passed, or Weld 0.1, which sealed nothing, made it.
 */
export const UNPROVEN = ['passed-elsewhere', 'changed-since', 'passed-by-0.1'] as const;
export type UnprovenKind = (typeof UNPROVEN)[number];
export type StepStateKind =
  | 'not-selected'
  | 'selected'
  | 'in-progress'
  | 'failed'
  | 'passed'
  | 'skipped'
  | 'committed'
  | 'damaged'
  | UnprovenKind;
export type IterationStateKind = 'unfinished' | 'failed' | 'passed' | 'damaged' | UnprovenKind;

export function isUnproven(state: StepStateKind | IterationStateKind): state is UnprovenKind {
  return (UNPROVEN as readonly string[]).includes(state);
}

/** That a person has accepted a pass, and why it needed that. */
export interface Accepted {
  readonly reason: string;
  /** What it was before, such as `passed-elsewhere`. */
  readonly was: string;
  /** ISO time. */
  readonly at: string;
}

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
  readonly checks: {
    readonly failed: readonly string[] /** Failed once and passed when run again. */;
    readonly flaky: readonly string[];
  };
  readonly timing: Timing | null;
  /** The captured tree, a git object id. */
  readonly tree: string | null;
  /** Null unless a person has made it count. */
  readonly accepted: Accepted | null;
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
  /** The tree that the step began with, by its seal; null where this Weld has not sealed it. */
  readonly base: string | null;
  /** Where the step stands in the plan in force; null when the plan no longer has it. */
  readonly line: number | null;
  /** Those that count, ascending. */
  readonly iterations: readonly IterationState[];
  /** Prompts and `step.json`. */
  readonly artifacts: readonly Artifact[];
}

const WORK: Record<Phase, string> = {
  implement: 'implementing',
  diff: 'capturing the changes',
  checks: 'running the checks',
  review: 'reviewing',
  verdict: 'judging',
};

/** @returns such as "interrupted while implementing"; the first phase of a later iteration fixes */
export function interruptedWords(iteration: Pick<IterationState, 'n' | 'phase'> | undefined): string {
  if (!iteration?.phase) return 'interrupted';
  return `interrupted while ${iteration.n > 1 && iteration.phase === 'implement' ? 'fixing' : WORK[iteration.phase]}`;
}

/** What an iteration's own files say. */
export type Judged = Pick<IterationState, 'phase' | 'why' | 'gate' | 'issues'> & {
  readonly state: 'unfinished' | 'failed' | 'passed' | 'damaged';
};
