import type { Block } from './blocks';
import { nearlyStep, strictStep } from './headings';
import { SECTION_NAMES } from './labels';
import type { Piece } from './pieces';
import { lineRange, type Lines } from './source';
import type { FoundStep } from './steps';
import type { PlanStep, PlanWarning, PlanWarningCode, Range, SectionName } from './types';

/** A warning whose sentence begins with its line, counted from 1. */
export function warning(code: PlanWarningCode, range: Range, says: string): PlanWarning {
  return { code, range, message: `Line ${range.start.line + 1}: ${says}` };
}

/** Numbers that are zero, twice, backwards or left out; each at the heading where it shows. */
export function numberWarnings(steps: readonly PlanStep[]): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  const firstLines = new Map<number, number>();
  let highest = 0;
  for (const { n, heading } of steps) {
    const first = firstLines.get(n);
    if (n === 0) warnings.push(warning('zero-number', heading, 'a step has the number 0; steps count from 1.'));
    if (first !== undefined) warnings.push(warning('duplicate-number', heading, `step ${n} is there twice, first on line ${first + 1}; give this one another number.`));
    else if (n < highest) warnings.push(warning('out-of-order', heading, `step ${n} comes after step ${highest}; steps are worked in the order of their numbers.`));
    if (first === undefined) firstLines.set(n, heading.start.line);
    highest = Math.max(highest, n);
  }
  let expected = 1;
  for (const step of steps.filter(({ n }) => n > 0).toSorted((a, b) => a.n - b.n)) {
    if (step.n > expected) {
      const missing = step.n - 1 > expected ? `steps ${expected} to ${step.n - 1} are` : `step ${expected} is`;
      warnings.push(warning('missing-number', step.heading, `${missing} missing before step ${step.n}.`));
    }
    expected = Math.max(expected, step.n + 1);
  }
  return warnings;
}

const MISSING: Readonly<Record<SectionName, { readonly code: PlanWarningCode; readonly says: string }>> = {
  goal: { code: 'missing-goal', says: 'no Goal' },
  changes: { code: 'missing-changes', says: 'no Changes' },
  'acceptance criteria': { code: 'missing-acceptance-criteria', says: 'no Acceptance criteria' },
  tests: { code: 'missing-tests', says: 'no Tests' },
};

/** What a step of the strict format lacks: title, sections, words in a criterion. */
export function contentWarnings({ step, empty }: FoundStep): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (step.title === '') warnings.push(warning('missing-title', step.heading, `step ${step.n} has no title; write "## Step ${step.n}: Title".`));
  for (const name of SECTION_NAMES) {
    if (step.sections.some((section) => section.name === name && section.items.length > 0)) continue;
    warnings.push(warning(MISSING[name].code, step.heading, `step ${step.n} has ${MISSING[name].says}.`));
  }
  for (const range of empty) warnings.push(warning('empty-criterion', range, `an acceptance criterion of step ${step.n} is empty.`));
  const seen = new Map<string, number>();
  for (const { text, range } of step.acceptanceCriteria) {
    const key = text.toLowerCase().replace(/\s+/gu, ' ').replace(/[.;,]$/u, '');
    const first = seen.get(key);
    if (first === undefined) seen.set(key, range.start.line);
    else warnings.push(warning('duplicate-criterion', range, `this acceptance criterion of step ${step.n} is there twice, first on line ${first + 1}.`));
  }
  return warnings;
}

/** Headings that nearly are a step, and steps that a fence hides. */
export function nearWarnings(lines: Lines, pieces: readonly Piece[], steps: readonly PlanStep[]): readonly PlanWarning[] {
  const numbers = new Set(steps.map((step) => step.n));
  return pieces.flatMap((piece) => piece.blocks.flatMap((block) => nearBlock(lines, block, piece.from, numbers)));
}

function nearBlock(lines: Lines, block: Block, from: number, numbers: ReadonlySet<number>): readonly PlanWarning[] {
  const at = block.start.line + from;
  const line = lines[at] ?? '';
  if (block.kind === 'heading' || (block.kind === 'paragraph' && block.start.line === block.end.line && /^ {0,3}(?:\*\*|__)/u.test(line))) {
    if (block.kind === 'heading' && strictStep(line) !== null) return [];
    const near = nearlyStep(line);
    return near === null ? [] : [warning('almost-a-step', lineRange(lines, at), `this is nearly a step; write "## Step ${near.n}: ${near.title === '' ? 'Title' : near.title}".`)];
  }
  if (block.kind !== 'code' || !/^(?:|md|markdown)$/iu.test(block.lang)) return [];
  const warnings: PlanWarning[] = [];
  for (let inside = at + 1; inside <= block.end.line + from; inside++) {
    const hidden = /^##[ \t]/u.test(lines[inside] ?? '') ? strictStep(lines[inside] ?? '') : null;
    if (hidden !== null && !numbers.has(hidden.n))
      warnings.push(warning('step-in-fence', lineRange(lines, inside), `step ${hidden.n} stands inside a code fence and does not count; move it out of the fence that opens on line ${at + 1}.`));
  }
  return warnings;
}
