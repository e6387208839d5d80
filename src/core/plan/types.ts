/** Positions count lines and columns from 0, columns in UTF-16 units, as editors do; ends are exclusive. */
export interface Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

export interface PlanItem {
  readonly text: string;
  readonly range: Range;
}

export type SectionName = 'goal' | 'changes' | 'acceptance criteria' | 'tests';

export interface PlanSection {
  readonly name: SectionName;
  readonly heading: Range;
  /** From the heading to the next section or the step's end. */
  readonly range: Range;
  readonly items: readonly PlanItem[];
}

export interface PlanStep {
  readonly n: number;
  /** Without what the heading says of the step's state. */
  readonly title: string;
  /** The heading of the group that the step stands in, such as "Phase 1: Foundations". */
  readonly phase?: string;
  /** What the heading says of the step's state, such as `COMPLETE`: somebody's opinion, no evidence. */
  readonly mark?: string;
  /** The step's Markdown below its heading, verbatim, line ends as `\n`. */
  readonly body: string;
  readonly acceptanceCriteria: readonly PlanItem[];
  readonly tests: readonly PlanItem[];
  readonly sections: readonly PlanSection[];
  readonly heading: Range;
  readonly range: Range;
}

export type PlanWarningCode =
  | 'no-steps'
  | 'lenient-format'
  | 'duplicate-number'
  | 'missing-number'
  | 'out-of-order'
  | 'zero-number'
  | 'missing-goal'
  | 'missing-changes'
  | 'missing-acceptance-criteria'
  | 'missing-tests'
  | 'missing-title'
  | 'empty-criterion'
  | 'duplicate-criterion'
  | 'almost-a-step'
  | 'step-in-fence'
  | 'lenient-step'
  | 'renumbered'
  | 'marked-done';

export interface PlanWarning {
  readonly code: PlanWarningCode;
  /** A sentence; it names the line, counted from 1. */
  readonly message: string;
  readonly range: Range;
  /** For a step that a fence of the text itself hides: the line, from 0, on which the fence opens. */
  readonly fence?: number;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly warnings: readonly PlanWarning[];
  /**
   * `strict`: at least one `## Step N: Title`; `lenient`: taken from other headings, lines or a list; `none`: no step
   * was found.
   */
  readonly format: 'strict' | 'lenient' | 'none';
}
