import type { Piece } from './blocks';
import { isWork, LINE_DEPTH, type Seen, sectionsBelow } from './families';
import { nearlyStep, type StepHeading, strictStep } from './headings';
import type { Block } from './markdown';
import { strictHeading } from './marks';
import { lineCandidate } from './seen';
import { type Lines, lineRange, type PlanStep, type PlanWarning } from './source';
import type { FoundSteps } from './stepReader';
import { warning } from './warnings';

/** A possible step inside a piece. Lines count from the piece's start. */
interface Near {
  readonly line: number;
  readonly n: number;
  readonly title: string;
  /** The line on which the fence opens, for a step inside a fence. */
  readonly fence?: number;
  /** Whether the fence is inside a list or a quote. */
  readonly nested?: boolean;
  /** Reported only when no step has its number, because it may be an example. */
  readonly perhaps?: boolean;
}

/** Warns of text that looks like a step and was not read as one. Caches its findings per piece. */
export class NearReader {
  private readonly known = new WeakMap<Piece['blocks'], readonly Near[]>();

  read(lines: Lines, pieces: readonly Piece[], found: FoundSteps): readonly PlanWarning[] {
    const steps = found.steps.map(({ step }) => step);
    const numbers = new Set(steps.map(({ n }) => n));
    const warnings = headingsNearby(lines, found, steps, numbers);
    for (const piece of pieces) {
      let hidden = this.known.get(piece.blocks);
      if (hidden === undefined)
        this.known.set(piece.blocks, (hidden = piece.blocks.flatMap((block) => nearBlock(lines, block, piece.from))));
      for (const near of hidden) {
        const range = lineRange(lines, near.line + piece.from);
        if (near.fence === undefined) {
          if (near.perhaps !== true || isMissing(near, numbers)) warnings.push(nearly(range, near));
        } else if (isMissing(near, numbers))
          warnings.push(
            warning(
              'step-in-fence',
              range,
              `step ${near.n} is inside a code fence and does not count; move it out of the fence that ` +
                `opens on line ${near.fence + piece.from + 1}.`,
              near.nested === true ? undefined : near.fence + piece.from,
            ),
          );
      }
    }
    return warnings;
  }
}

const nearly = (range: PlanWarning['range'], { n, title }: StepHeading): PlanWarning =>
  warning('almost-a-step', range, `this is nearly a step; write "${strictHeading({ n, title })}".`);

/**
 * Whether a hidden step is probably meant as one. Lists and quotes often hold examples, so there it must fill a gap or
 * continue the count.
 */
function isMissing({ n, nested }: Near, numbers: ReadonlySet<number>): boolean {
  return !numbers.has(n) && (nested !== true || goesOn(n, numbers));
}

const goesOn = (n: number, numbers: ReadonlySet<number>): boolean =>
  n === 1 || numbers.has(n - 1) || [...numbers].some((other) => other > n);

/** Warns of headings and lines that count steps, or have a step's sections below, and were not read as steps. */
function headingsNearby(
  lines: Lines,
  { seen, phases }: FoundSteps,
  steps: readonly PlanStep[],
  numbers: ReadonlySet<number>,
): PlanWarning[] {
  const sections = sectionsBelow(seen);
  const hasSections = (one: Seen): boolean =>
    numbers.size > 0 && one.candidate === null && one.depth > 1 && sections.has(one);
  const warnings: PlanWarning[] = [];
  let at = 0;
  let next = steps.reduce((most, { n }) => Math.max(most, n), 0) + 1;
  for (const one of seen) {
    while ((steps[at]?.range.end.line ?? Infinity) < one.line) at++;
    const start = steps[at]?.heading.start.line ?? Infinity;
    if (one.strict !== null || phases.has(one) || start === one.line) continue;
    const inside = start < one.line;
    const { candidate } = one;
    if (candidate !== null && looksMeant(one, inside, numbers))
      warnings.push(
        nearly(lineRange(lines, one.line), candidate.kind === 'step' ? candidate : { ...candidate, n: next++ }),
      );
    else if (!inside && hasSections(one))
      warnings.push(
        warning(
          'almost-a-step',
          lineRange(lines, one.line),
          `this has the sections of a step but is not one; write "## Step ${next++}: ${one.text}".`,
        ),
      );
  }
  return warnings;
}

/** @param inside whether it is inside a step, where it may be part of the text */
function looksMeant({ candidate, depth, text, ...rest }: Seen, inside: boolean, numbers: ReadonlySet<number>): boolean {
  if (candidate === null) return false;
  if (depth === LINE_DEPTH && !/^[*_#]/u.test(text))
    return !inside || (candidate.plain && !numbers.has(candidate.n) && goesOn(candidate.n, numbers));
  if (candidate.kind === 'step') return !inside || (candidate.plain && !candidate.decimal);
  if (inside || numbers.size === 0) return false;
  return (
    candidate.kind === 'phase' ||
    ((candidate.decimal || !numbers.has(candidate.n)) && isWork({ candidate, depth, text, ...rest }))
  );
}

function nearBlock(lines: Lines, block: Block, from: number): readonly Near[] {
  if ('children' in block) return block.children.flatMap((child) => nestedSteps(lines, child, from));
  if (block.kind === 'code') return hiddenSteps(lines, block, from);
  return block.kind === 'html' ? stepsInHtml(lines, block, from) : [];
}

/**
 * Finds steps inside a list item or a quote. Markdown makes the heading part of that block; its author meant a step.
 */
function nestedSteps(lines: Lines, block: Block, from: number): readonly Near[] {
  if ('children' in block) return block.children.flatMap((child) => nestedSteps(lines, child, from));
  if (block.kind === 'code')
    return hiddenSteps(lines, block, from, /^[ \t>]+(?=#{1,6}[ \t])/u).map((near) => ({ ...near, nested: true }));
  if (block.kind === 'html') return stepsInHtml(lines, block, from);
  if (block.kind === 'paragraph') return marksInParagraph(lines, block, from);
  if (block.kind !== 'heading') return [];
  const text = (lines[block.start.line + from] ?? '').slice(block.start.character);
  const meant = strictStep(text) ?? nearlyStep(text);
  return meant === null || ('kind' in meant && meant.kind !== 'step')
    ? []
    : [{ line: block.start.line, n: meant.n, title: meant.title }];
}

/**
 * Finds step headings in a paragraph of a list or a quote: marks indented too far or without their space, and lines at
 * the margin that continue the paragraph by accident.
 */
function marksInParagraph(lines: Lines, block: Block, from: number): readonly Near[] {
  const found: Near[] = [];
  for (let at = block.start.line; at <= block.end.line; at++) {
    const line = lines[at + from] ?? '';
    const text = line.replace(/^[\s>*+-]+/u, '');
    const meant = text.startsWith('#')
      ? lineCandidate(text)
      : at > block.start.line && !/^[\s>]/u.test(line)
        ? lineCandidate(line)
        : null;
    if (meant?.kind === 'step') found.push({ line: at, n: meant.n, title: meant.title });
  }
  return found;
}

const MAY_HIDE = /^(?:|md|markdown|text|txt|plain|plaintext)$/iu;

/**
 * Finds steps in a fence without program code, or in text indented so far that it counts as code.
 * @param holder matches what a list or a quote puts before each line
 */
function hiddenSteps(
  lines: Lines,
  block: Block & { readonly kind: 'code' },
  from: number,
  holder?: RegExp,
): readonly Near[] {
  const fenced = /^(?:`{3}|~{3})/u.test((lines[block.start.line + from] ?? '').slice(block.start.character));
  if (!MAY_HIDE.test(block.lang)) return [];
  const found: Near[] = [];
  for (let at = block.start.line + (fenced ? 1 : 0); at <= block.end.line; at++) {
    const line = lines[at + from] ?? '';
    const text = !fenced ? line.replace(/^[\s>*+-]+/u, '') : holder === undefined ? line : line.replace(holder, '');
    const hidden = text.startsWith('#') ? (strictStep(text) ?? plainStep(text)) : null;
    if (hidden === null) continue;
    const { n, title } = hidden;
    found.push(fenced ? { line: at, fence: block.start.line, n, title } : { line: at, n, title });
  }
  return found;
}

/** Reads a heading of another level that says step or task. */
function plainStep(text: string): StepHeading | null {
  const near = nearlyStep(text);
  return near?.kind === 'step' && near.plain && !near.decimal ? near : null;
}

const TAGS = /^(?:<[^<>]{1,200}>[ \t]{0,8}){1,6}/u;

/**
 * Finds steps in HTML, which runs on to the next blank line and swallows a heading below it. A closed comment hides its
 * content on purpose.
 */
function stepsInHtml(lines: Lines, block: Block, from: number): readonly Near[] {
  const comment = (lines[block.start.line + from] ?? '').trimStart().startsWith('<!--');
  if (comment && (lines[block.end.line + from] ?? '').includes('-->')) return [];
  const found: Near[] = [];
  for (let at = block.start.line; at <= block.end.line; at++) {
    const line = (lines[at + from] ?? '').replace(/^[\s>+-]+/u, '').trimEnd();
    if (!/^[#<*_S]/iu.test(line) || line.length > 1_000) continue;
    const text = line.replace(TAGS, '').split('<', 1)[0] ?? '';
    const meant = strictStep(text) ?? lineCandidate(text);
    if (meant === null || ('kind' in meant && meant.kind !== 'step')) continue;
    found.push({ line: at, n: meant.n, title: meant.title, perhaps: comment });
    if (comment) break;
  }
  return found;
}
