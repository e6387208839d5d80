import { BlockReader, joinPieces } from './blocks';
import { chooseSectioned } from './families';
import { insideFence } from './fences';
import { type ListSteps, lenientSteps } from './lenient';
import { foldLine } from './marks';
import { NearReader } from './near';
import { isBlank, type Range, toLf } from './planText';
import type { Plan, PlanWarning } from './source';
import { type FoundSteps, StepReader } from './stepReader';
import { contentWarnings, numberWarnings, readingWarnings, warning } from './warnings';

/** Maximum lines of a plan. A longer text is not searched for steps. */
const MAX_LINES = 500_000;

/**
 * Reads successive versions of one document, each at the cost of what changed. The result equals that of `parsePlan`.
 */
export class PlanParser {
  private readonly blocks = new BlockReader();
  private readonly steps = new StepReader();
  private readonly near = new NearReader();

  /**
   * Parses a version of the document.
   * @param text the whole document, with any line ends; ranges count lines as editors do
   */
  parse(text: string): Plan {
    const source = toLf(text).split('\n');
    const start = { start: { line: 0, character: 0 }, end: { line: 0, character: (source[0] ?? '').length } };
    if (source.length > MAX_LINES)
      return {
        steps: [],
        format: 'none',
        warnings: [warning('no-steps', start, `the text has ${source.length} lines, too many for a plan; split it.`)],
      };

    const document = { source, lines: source.map(foldLine) };
    const pieces = this.blocks.read(document.lines, source);
    const found = this.steps.read(document, pieces);
    const list = found.steps.length > 0 ? null : lenientSteps(document.lines, joinPieces(pieces));
    const read =
      list === null
        ? found
        : this.withoutHeadings(list, found, () => this.steps.read(document, pieces, chooseSectioned));
    const steps = read.steps.map(({ step }) => step);
    const fromList = list !== null && read.steps === list.steps && steps.length > 0;
    const warnings: PlanWarning[] = [
      ...numberWarnings(read.steps),
      ...this.near.read(document.lines, pieces, read),
      ...readingWarnings(read, fromList),
      ...(fromList ? leftLists(list.left) : read.steps.flatMap(contentWarnings)),
    ];
    if (steps.length === 0)
      warnings.push(warning('no-steps', start, 'the plan has no step; write each as "## Step N: Title".'));
    warnings.sort(
      (a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character,
    );
    const strict = read.steps.some((step) => step.strict === true);
    return { steps, warnings, format: strict ? 'strict' : steps.length > 0 ? 'lenient' : 'none' };
  }

  /**
   * Reads a plan without step headings. In order of preference: a list under a heading that mentions steps, headings
   * with a step's sections below, any list that counts.
   */
  private withoutHeadings(list: ListSteps, found: FoundSteps, sectioned: () => FoundSteps): FoundSteps {
    const other = list.named ? null : sectioned();
    return other !== null && other.steps.length > 0 ? other : { ...found, steps: list.steps };
  }
}

const leftLists = (left: readonly Range[]): readonly PlanWarning[] =>
  left.map((range) =>
    warning('almost-a-step', range, 'this list was not read as steps; write each step as "## Step N: Title".'),
  );

/** Cache of the last call: an import normalises a text and then parses the result, which is usually the same. */
let last: { readonly text: string; readonly plan: Plan } | undefined;

/**
 * Reads a plan: `## Step N: Title` with Goal, Changes, Acceptance criteria and Tests, or the closest match.
 * Never throws, whatever the text. Problems of the plan are in `warnings`, ordered by line.
 */
export function parsePlan(text: string): Plan {
  if (last?.text !== text) last = { text, plan: new PlanParser().parse(text) };
  return last.plan;
}

/**
 * Returns the text of `plan.raw.md`: no byte-order mark, `\n` line ends, exactly one at the end, no blank lines at the
 * start.
 * Takes a plan out of a Markdown fence that an agent put around it, when its step numbers make more sense afterwards.
 * Prose stays.
 */
export function normalisePlan(text: string): string {
  const clean = tidy(toLf(text));
  const taken = takeOut(clean);
  return taken === null ? clean : tidy(taken);
}

function takeOut(text: string): string | null {
  const plan = parsePlan(text);
  const at = plan.warnings.find((warning) => warning.fence !== undefined)?.fence;
  if (at === undefined) return null;
  const lines = text.split('\n');
  const fence = insideFence(lines, at);
  if (fence === null) return null;
  const taken = [...lines.slice(0, at), ...fence.inside, ...lines.slice(fence.end)].join('\n');
  const after = parsePlan(taken);
  const better = hasHeadings(after) && (!hasHeadings(plan) || doubts(after) < doubts(plan));
  return better ? taken : null;
}

/** Whether the steps are headings rather than list items. */
const hasHeadings = (plan: Plan): boolean =>
  plan.steps.length > 0 && !plan.warnings.some(({ code }) => code === 'lenient-format');

const NUMBERS = new Set(['duplicate-number', 'missing-number', 'out-of-order', 'zero-number']);

const doubts = (plan: Plan): number => plan.warnings.filter((warning) => NUMBERS.has(warning.code)).length;

export const tidy = (text: string): string => {
  let from = 0;
  for (let end = text.indexOf('\n'); end >= 0 && isBlank(text.slice(from, end)); end = text.indexOf('\n', from))
    from = end + 1;
  const body = text.slice(from).trimEnd();
  return body === '' ? '' : `${body}\n`;
};
