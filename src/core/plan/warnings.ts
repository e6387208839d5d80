import type { Block } from './blocks';
import { nearlyStep, strictStep } from './headings';
import { SECTION_NAMES } from './labels';
import type { Piece } from './pieces';
import { lineRange, type Lines } from './source';
import type { FoundStep } from './steps';
import type { PlanStep, PlanWarning, PlanWarningCode, Range, SectionName } from './types';

/** A warning whose sentence begins with its line, counted from 1. */
export function warning(code: PlanWarningCode, range: Range, says: string, fence?: number): PlanWarning {
  return { code, range, ...(fence === undefined ? {} : { fence }), message: `Line ${range.start.line + 1}: ${says}` };
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
export function contentWarnings({ step, empty, filled }: FoundStep): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (step.title === '') warnings.push(warning('missing-title', step.heading, `step ${step.n} has no title; write "## Step ${step.n}: Title".`));
  for (const name of SECTION_NAMES) {
    if (filled.has(name)) continue;
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

/** A place in a piece where a step may be meant; lines count from the piece's start. */
interface Near {
  readonly line: number;
  readonly n: number;
  readonly title: string;
  /** For a step inside a fence: the fence's own line. */
  readonly fence?: number;
  /** The fence stands in a list or a quote. */
  readonly nested?: boolean;
}

/** Finds headings that nearly are a step, and steps that a fence hides; remembers what it found in a piece. */
export class NearReader {
  private readonly known = new WeakMap<Piece['blocks'], readonly Near[]>();

  read(lines: Lines, pieces: readonly Piece[], steps: readonly PlanStep[]): readonly PlanWarning[] {
    const warnings: PlanWarning[] = [];
    let numbers: Set<number> | undefined;
    for (const piece of pieces) {
      let found = this.known.get(piece.blocks);
      if (found === undefined) this.known.set(piece.blocks, (found = piece.blocks.flatMap((block) => nearBlock(lines, block, piece.from))));
      for (const near of found) {
        const range = lineRange(lines, near.line + piece.from);
        if (near.fence === undefined) warnings.push(warning('almost-a-step', range, `this is nearly a step; write "## Step ${near.n}: ${near.title === '' ? 'Title' : near.title}".`));
        else if (isMissing(near, (numbers ??= new Set(steps.map((step) => step.n)))))
          warnings.push(warning('step-in-fence', range, `step ${near.n} stands inside a code fence and does not count; move it out of the fence that opens on line ${near.fence + piece.from + 1}.`, near.nested === true ? undefined : near.fence + piece.from));
      }
    }
    return warnings;
  }
}

/** Whether a hidden step is probably meant as one: in a list or a quote examples are usual, so there it has to fill a gap or go on. */
function isMissing({ n, nested }: Near, numbers: ReadonlySet<number>): boolean {
  return !numbers.has(n) && (nested !== true || n === 1 || numbers.has(n - 1) || [...numbers].some((other) => other > n));
}

/** Indented below a bullet or quoted, a heading belongs to that; whoever wrote it meant a step. */
function nestedSteps(lines: Lines, block: Block, from: number): readonly Near[] {
  if ('children' in block) return block.children.flatMap((child) => nestedSteps(lines, child, from));
  if (block.kind === 'code') return hiddenSteps(lines, block, from, /^[ \t>]+(?=##[ \t])/u).map((near) => ({ ...near, nested: true }));
  if (block.kind !== 'heading') return [];
  const text = (lines[block.start.line + from] ?? '').slice(block.start.character);
  const meant = strictStep(text) ?? nearlyStep(text);
  return meant === null ? [] : [{ line: block.start.line, ...meant }];
}

function nearBlock(lines: Lines, block: Block, from: number): readonly Near[] {
  if ('children' in block) return block.children.flatMap((child) => nestedSteps(lines, child, from));
  if (block.kind === 'code') return hiddenSteps(lines, block, from);
  if (block.kind === 'paragraph') return nearParagraph(lines, block, from);
  const line = lines[block.start.line + from] ?? '';
  if (block.kind !== 'heading' || strictStep(line) !== null) return [];
  const near = nearlyStep(line);
  return near === null ? [] : [{ line: block.start.line, ...near }];
}

/** In a paragraph: a bold first line, and marks without the space that makes them a heading's. */
function nearParagraph(lines: Lines, block: Block, from: number): readonly Near[] {
  const found: Near[] = [];
  for (let at = block.start.line; at <= block.end.line; at++) {
    const line = lines[at + from] ?? '';
    const alone = block.start.line === block.end.line;
    const bold = at === block.start.line && (alone ? /^ {0,3}(?:\*\*|__)/u : /^ {0,3}(\*\*|__)(?:(?!\1).)+\1:?\s*$/u).test(line);
    const near = bold || /^ {0,3}#{1,6}step/iu.test(line) ? nearlyStep(line) : null;
    if (near !== null) found.push({ line: at, ...near });
  }
  return found;
}

const MAY_HIDE = /^(?:|md|markdown|text|txt|plain|plaintext)$/iu;

/** Steps in a fence that is no program's text. @param holder what a list or a quote that holds the fence puts before each line */
function hiddenSteps(lines: Lines, block: Block & { readonly kind: 'code' }, from: number, holder?: RegExp): readonly Near[] {
  if (!MAY_HIDE.test(block.lang) || !/^(?:`{3}|~{3})/u.test((lines[block.start.line + from] ?? '').slice(block.start.character))) return [];
  const found: Near[] = [];
  for (let at = block.start.line + 1; at <= block.end.line; at++) {
    const line = lines[at + from] ?? '';
    const text = holder === undefined ? line : line.replace(holder, '');
    const hidden = text.startsWith('##') ? strictStep(text) : null;
    if (hidden !== null) found.push({ line: at, fence: block.start.line, ...hidden });
  }
  return found;
}
