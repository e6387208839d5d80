import { lenientSteps } from './lenient';
import { BlockReader, joinPieces } from './pieces';
import { StepReader } from './steps';
import { toLf } from './text';
import { contentWarnings, NearReader, numberWarnings, warning } from './warnings';
import type { Plan, PlanWarning } from './types';

/** More than any plan a person reads; beyond, a text is not searched for steps. In lines. */
const MAX_LINES = 500_000;

/** Reads the versions of one document one after the other, each at the cost of what changed; the result is that of `parsePlan`. */
export class PlanParser {
  private readonly blocks = new BlockReader();
  private readonly steps = new StepReader();
  private readonly near = new NearReader();

  /** @param text the whole document, with any line ends; ranges count lines as editors do */
  parse(text: string): Plan {
    const lines = toLf(text).split('\n');
    const start = { start: { line: 0, character: 0 }, end: { line: 0, character: (lines[0] ?? '').length } };
    if (lines.length > MAX_LINES)
      return { steps: [], format: 'none', warnings: [warning('no-steps', start, `the text has ${lines.length} lines, too many for a plan; split it.`)] };

    const pieces = this.blocks.read(lines);
    const strict = this.steps.read(lines, pieces);
    const found = strict.length > 0 ? strict : lenientSteps(lines, joinPieces(pieces));
    const steps = found.map(({ step }) => step);
    const warnings: PlanWarning[] = [...numberWarnings(steps), ...this.near.read(lines, pieces, steps)];
    if (strict.length > 0) for (const step of strict) warnings.push(...contentWarnings(step));
    else if (steps[0] !== undefined) warnings.push(warning('lenient-format', steps[0].heading, 'the steps were taken from a numbered list; write each as "## Step N: Title".'));
    else warnings.push(warning('no-steps', start, 'the plan has no step; write each as "## Step N: Title".'));
    warnings.sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character);
    return { steps, warnings, format: strict.length > 0 ? 'strict' : steps.length > 0 ? 'lenient' : 'none' };
  }
}

/** An import normalises a text and then reads what came of it, which mostly is the same. */
let last: { readonly text: string; readonly plan: Plan } | undefined;

/**
 * Reads a plan: `## Step N: Title` with Goal, Changes, Acceptance criteria and Tests, or a numbered list where there is no such heading.
 * Never throws for any text; what is wrong with the plan is in `warnings`, ordered by line.
 */
export function parsePlan(text: string): Plan {
  if (last?.text !== text) last = { text, plan: new PlanParser().parse(text) };
  return last.plan;
}
