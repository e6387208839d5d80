import type { StepRecord } from '../../artifacts/schemas';
import { PlanParser } from '../../plan';
import type { SectionName } from '../../plan/types';

/** What a step's own text says about its files. */
export interface StepText {
  /** Its *Changes*; null where it has no such section. */
  readonly changes: string | null;
  readonly tests: string;
}

/** Reads the sections of a step's text, as the plan's reader does. */
export function stepText(record: Pick<StepRecord, 'body_md'>): StepText {
  const body = record.body_md.split('\n');
  // A heading as high as the step's own would end the step; in code one more mark changes nothing here.
  const high = body.some((line) => /^ {0,3}#{1,2}(?:[ \t]|$)/u.test(line));
  const lines = [
    '## Step 1: Step',
    '',
    ...body.map((line) => (high ? line.replace(/^( {0,3})(#{1,4})(?=[ \t])/u, '$1##$2') : line)),
  ];
  const [step] = new PlanParser().parse(lines.join('\n')).steps;
  const textOf = (name: SectionName): string | null => {
    const sections = step?.sections.filter((section) => section.name === name) ?? [];
    if (sections.length === 0) return null;
    return sections.map(({ range }) => lines.slice(range.start.line, range.end.line + 1).join('\n')).join('\n');
  };
  return { changes: textOf('changes'), tests: textOf('tests') ?? '' };
}
