import { LINE_LIMIT, moveRange, type Place, type Range } from './planText';

/** Lines of a document or of a part of it. Blocks count from its first line. */
export type Lines = readonly string[];

/** Returns a block's range in the source. A line that was cut for the library ends at its real end. */
export const rangeOf = (lines: Lines, start: Place, end: Place): Range =>
  end.character < LINE_LIMIT
    ? { start, end }
    : { start, end: { line: end.line, character: (lines[end.line] ?? '').length } };

/** Returns the rest of a line from a place on. */
export const textFrom = (lines: Lines, { line, character }: Place): string => (lines[line] ?? '').slice(character);

/** Returns the text of a range, with its lines trimmed and joined by one space. */
export const textOf = (lines: Lines, { start, end }: Range): string =>
  lines
    .slice(start.line, end.line + 1)
    .map((line, at, all) =>
      line.slice(at === 0 ? start.character : 0, at === all.length - 1 ? end.character : undefined).trim(),
    )
    .join(' ')
    .trim();

export const lineRange = (lines: Lines, line: number): Range => {
  const text = lines[line] ?? '';
  const start = text.length - text.trimStart().length;
  return { start: { line, character: start }, end: { line, character: Math.max(start, text.trimEnd().length) } };
};

/** Returns the range from the start of line `from` to the end of the last line before `end` that is not blank. */
export function linesRange(lines: Lines, from: number, end: number): Range {
  let last = end - 1;
  while (last > from && (lines[last] ?? '').trim() === '') last--;
  return { start: { line: from, character: 0 }, end: { line: last, character: (lines[last] ?? '').length } };
}

export const moveItem = (item: PlanItem, lines: number): PlanItem => ({
  text: item.text,
  range: moveRange(item.range, lines),
});

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
  /** Without the state that the heading gives. */
  readonly title: string;
  /** Heading of the phase that contains the step, such as "Phase 1: Foundations". */
  readonly phase?: string;
  /** State that the heading gives, such as `COMPLETE`: an opinion, not evidence. */
  readonly mark?: string;
  /** The step's Markdown below its heading, verbatim, with `\n` line ends. */
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
  /** A sentence that names the line, counted from 1. */
  readonly message: string;
  readonly range: Range;
  /** The line, from 0, on which a fence opens that hides a step. */
  readonly fence?: number;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly warnings: readonly PlanWarning[];
  /**
   * `strict`: at least one `## Step N: Title`; `lenient`: taken from other headings, lines or a list; `none`: no steps
   * found.
   */
  readonly format: 'strict' | 'lenient' | 'none';
}
