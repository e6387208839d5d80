import type { RunId, StepKey } from '../../artifacts/runIds';
import type { GateCondition, Oid, Phase, Timing } from '../../artifacts/schemas';

/**
 * A pass that does not count until a person accepts it: another machine or the command-line Weld made it, its files
 * have changed since this Weld passed it, or it comes from Weld 0.1, which sealed nothing.
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

/** Whether a step needs no more work: it has passed, or is skipped. */
export const isThrough = (state: StepStateKind): boolean =>
  state === 'passed' || state === 'committed' || state === 'skipped';

export function isUnproven(state: StepStateKind | IterationStateKind): state is UnprovenKind {
  return (UNPROVEN as readonly string[]).includes(state);
}

/** A person's acceptance of a pass, and why the pass needed it. */
export interface Accepted {
  readonly reason: string;
  /** State before the acceptance, such as `passed-elsewhere`. */
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
  /** For `unfinished`: the phase at which Continue resumes. */
  readonly phase: Phase | null;
  /** Why it has not passed, in a few words: the first failed condition of the gate, or what is damaged. */
  readonly why: string | null;
  readonly gate: readonly GateCondition[];
  readonly issues: IssueCounts;
  readonly checks: {
    readonly failed: readonly string[];
    /** Failed once and passed when run again. */
    readonly flaky: readonly string[];
  };
  readonly timing: Timing | null;
  /** The captured tree, a git object id. */
  readonly tree: Oid | null;
  /** Null unless a person accepted the pass. */
  readonly accepted: Accepted | null;
  /** ISO time of the last write, if known. */
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
  /** The tree from which the step began, from its seal; null if this Weld has not sealed it. */
  readonly base: Oid | null;
  /** Line of the step in the current plan; null if the plan no longer has it. */
  readonly line: number | null;
  /** The iterations that count, ascending. */
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

/** @returns for example "interrupted while implementing"; the first phase of a later iteration is "fixing" */
export function interruptedWords(iteration: Pick<IterationState, 'n' | 'phase'> | undefined): string {
  if (!iteration?.phase) return 'interrupted';
  return `interrupted while ${iteration.n > 1 && iteration.phase === 'implement' ? 'fixing' : WORK[iteration.phase]}`;
}

/** What an iteration's own files claim. */
export type Judged = Pick<IterationState, 'phase' | 'why' | 'gate' | 'issues'> & {
  readonly state: 'unfinished' | 'failed' | 'passed' | 'damaged';
};
