import { anyOf } from '../util/patterns';
import { headingText } from './headings';
import { withoutInvisible } from './marks';
import type { SectionName } from './source';

export const SECTION_NAMES: readonly SectionName[] = ['goal', 'changes', 'acceptance criteria', 'tests'];

const SYNONYMS: readonly (readonly [SectionName, RegExp])[] = [
  ['goal', /^(?:goals?|objectives?|purpose|ziele?|objectifs?|objetivos?|目标|目標|目的)$/iu],
  [
    'changes',
    anyOf(
      /^(?:(?:proposed |required |file |code )?changes?|changes? (?:to make|needed|required))$/iu,
      /^files?(?: (?:to )?(?:change|changed|modify|touch|create))?$/iu,
      /^(?:implementation|änderungen|modifications|cambios|変更(?:内容)?|变更|改动)$/iu,
    ),
  ],
  [
    'acceptance criteria',
    anyOf(
      /^(?:acceptance(?: (?:criteria|criterion|criterias|tests?))?|acs?|(?:success |exit )?criteria)$/iu,
      /^(?:done when|definition of done)$/iu,
      /^(?:(?:akzeptanz|abnahme)kriterien|critères d['’]acceptation|criterios de aceptación)$/iu,
      /^(?:验收标准|驗收標準|受け入れ基準|受入基準|受け入れ条件)$/iu,
    ),
  ],
  [
    'tests',
    anyOf(
      /^(?:tests?|testing|test(?:ing)? (?:plan|strategy|commands?|cases)|tests? to (?:add|run|write))$/iu,
      /^(?:verification|verify|validation|pruebas|测试|測試|テスト)$/iu,
    ),
  ],
];

/** Maximum length of a section's name, in UTF-16 units. */
const LONGEST = 120;

/**
 * Recognises the name of a section.
 * @param text text of a heading or label, such as "Acceptance Criteria (3):", "✅ Tests" or "3. Tests"
 */
export function sectionName(text: string): SectionName | null {
  const trimmed = withoutInvisible(text).trim();
  if (trimmed.length > LONGEST) return null;
  const words = trimmed.replace(/[*_`]/gu, '').replace(/[\s\u3000]+/gu, ' ');
  const first = words
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/^(?:\d{1,2}(?:\.\d{1,2}){0,3}[.):：]?|[A-Za-z][.)]) ?(?=\p{L})/u, '');
  const name = endOf(first.replace(/\(\d+\)/u, ''));
  return SYNONYMS.find(([, pattern]) => pattern.test(name))?.[0] ?? null;
}

/** Removes a remark in parentheses, a colon or symbols after the words. */
function endOf(words: string): string {
  let end = words.length;
  while (end > 0 && !/[\p{L}\p{N})]/u.test(words.charAt(end - 1))) end--;
  const open = words.charAt(end - 1) === ')' ? words.lastIndexOf('(', end) : -1;
  return words.slice(0, open > 0 ? open : end).trimEnd();
}

/** Maximum number of headings whose sections are remembered. */
const REMEMBERED = 1_000;
/** Maximum length of a heading that is remembered, in UTF-16 units. */
const SHORT = 200;
/** Sections by the heading's line, because a plan has the same few headings in each step. */
const known = new Map<string, SectionName | null>();

/**
 * Recognises a section by its heading.
 * @param line a heading's source line
 * @param depth its level, needed for an underlined heading
 */
export function headingSection(line: string, depth: number): SectionName | null {
  if (depth < 2) return null;
  let section = known.get(line);
  if (section === undefined) {
    if (line.length > SHORT) return sectionName(headingText(line));
    if (known.size >= REMEMBERED) known.clear();
    known.set(line, (section = sectionName(headingText(line))));
  }
  return section;
}

const BOLD =
  /^(?:[^\p{L}\p{N}\s*_[\](){}<>#`|-]{1,4}[ \t]{0,4})?(\*\*|__|\*|_)([^*_:：\n]{2,60}?)[ \t]{0,8}([:：]?)\1[ \t]{0,8}([:：]?)[ \t]*/u;

const PLAIN = /^(\p{L}[^:：*_`]{2,40})[:：](?:[ \t]+|$)/u;

export interface Label {
  /** Null for another label, such as `**Notes:**`. */
  readonly name: SectionName | null;
  /** Length of the label with its colon and the space after it, in UTF-16 units. */
  readonly length: number;
}

/**
 * Reads a label at the start of a line: `**Goal:** …`, `Goal: …`, `**Tests**`.
 * @param line without indentation
 */
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
