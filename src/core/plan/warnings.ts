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

/** A place in a piece where a step may be meant; lines count from the piece's start. */
interface Near {
  readonly line: number;
  readonly n: number;
  readonly title: string;
  /** For a step inside a fence: the fence's own line. */
  readonly fence?: number;
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
        else if (!(numbers ??= new Set(steps.map((step) => step.n))).has(near.n))
          warnings.push(warning('step-in-fence', range, `step ${near.n} stands inside a code fence and does not count; move it out of the fence that opens on line ${near.fence + piece.from + 1}.`));
      }
    }
    return warnings;
  }
}

function nestedSteps(lines: Lines, block: Block, from: number): readonly Near[] {
  if ('children' in block) return block.children.flatMap((child) => nestedSteps(lines, child, from));
  if (block.kind !== 'heading') return [];
  const text = (lines[block.start.line + from] ?? '').slice(block.start.character);
  const meant = strictStep(text) ?? nearlyStep(text);
  return meant === null ? [] : [{ line: block.start.line, ...meant }];
}

function nearBlock(lines: Lines, block: Block, from: number): readonly Near[] {
  const at = block.start.line;
  const line = lines[at + from] ?? '';
  if (block.kind === 'heading' || (block.kind === 'paragraph' && at === block.end.line && /^ {0,3}(?:\*\*|__)/u.test(line))) {
    if (block.kind === 'heading' && strictStep(line) !== null) return [];
    const near = nearlyStep(line);
    return near === null ? [] : [{ line: at, ...near }];
  }
  // Indented below a bullet or quoted, a heading belongs to that; whoever wrote it meant a step.
  if ('children' in block) return block.children.flatMap((child) => nestedSteps(lines, child, from));
  if (block.kind !== 'code' || !/^(?:|md|markdown)$/iu.test(block.lang)) return [];
  const found: Near[] = [];
  for (let inside = at + 1; inside <= block.end.line; inside++) {
    const text = lines[inside + from] ?? '';
    const hidden = /^##[ \t]/u.test(text) ? strictStep(text) : null;
    if (hidden !== null) found.push({ line: inside, fence: at, ...hidden });
  }
  return found;
}
