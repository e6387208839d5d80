import { atxHeading } from './headings';
import type { SectionName } from './types';

export const SECTION_NAMES: readonly SectionName[] = ['goal', 'changes', 'acceptance criteria', 'tests'];

const SYNONYMS: readonly (readonly [SectionName, RegExp])[] = [
  ['goal', /^(?:goals?|objectives?|purpose)$/iu],
  ['changes', /^(?:(?:proposed |required )?changes?|changes? (?:to make|needed|required)|files?(?: (?:to )?(?:change|changed|modify|touch|create))?|implementation)$/iu],
  ['acceptance criteria', /^(?:acceptance(?: (?:criteria|criterion|tests?))?|(?:success )?criteria|done when|definition of done)$/iu],
  ['tests', /^(?:tests?|testing|test(?:ing)? (?:plan|strategy|commands?|cases)|tests? to (?:add|run|write)|verification|verify)$/iu],
];

/** @param text a heading's or label's words, such as "Acceptance Criteria (3):" */
export function sectionName(text: string): SectionName | null {
  const words = text.replace(/[*_`]/gu, '').replace(/\s*\(\d+\)/u, '').replace(/\s*[:：]\s*$/u, '').replace(/\s+/gu, ' ').trim();
  return SYNONYMS.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
}

export const headingSection = (line: string): SectionName | null => {
  const heading = atxHeading(line);
  return heading === null || heading.depth < 2 ? null : sectionName(heading.text);
};

const BOLD = /^(\*\*|__|\*|_)([^*_:：\n]{2,60}?)[ \t]*([:：]?)\1[ \t]*([:：]?)[ \t]*/u;
const PLAIN = /^(\p{L}[^:：*_`]{2,40})[:：](?:[ \t]+|$)/u;

export interface Label {
  /** Null for a label of some other kind, such as `**Notes:**`. */
  readonly name: SectionName | null;
  /** Length of the label with its colon and the space behind it, in UTF-16 units. */
  readonly length: number;
}

/** A label at the start of a line: `**Goal:** …`, `Goal: …`, `**Tests**`. @param line without indentation */
export function readLabel(line: string): Label | null {
  const bold = BOLD.exec(line);
  if (bold !== null) {
    const alone = bold[0].length === line.trimEnd().length;
    const colon = bold[3] !== '' || bold[4] !== '';
    const name = sectionName(bold[2] ?? '');
    if (name !== null && (colon || alone)) return { name, length: bold[0].length };
    return name === null && alone ? { name: null, length: bold[0].length } : null;
  }
  const plain = PLAIN.exec(line);
  const name = plain === null ? null : sectionName(plain[1] ?? '');
  return plain === null || name === null ? null : { name, length: plain[0].length };
}
