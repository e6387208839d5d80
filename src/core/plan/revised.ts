import { BlockReader, joinPieces } from './blocks';
import { insideMarkdownFence, isStep } from './fences';
import { headingText, readCandidate } from './headings';
import type { Block } from './markdown';
import { foldLine } from './marks';
import { tidy } from './parsePlan';
import { lineWithText, toLf } from './planText';
import { lineCandidate } from './seen';
import type { Lines } from './source';

const TITLE = /^(?:(?:the|proposed|full|complete|updated)\s+)?(?:revised|updated)\s+(?:implementation\s+)?plan\b/iu;
/** A number before the title, because reviews number their parts. */
const NUMBERED = /^\d{1,3}[.)]\s*/u;
/** Depth of a bold line used as a heading: any heading that is not a step may end its part. */
const BOLD_DEPTH = 6;

/** The heading that begins the revised plan. */
interface Opening {
  /** Index of its block. */
  readonly at: number;
  /** Last line of the heading. */
  readonly line: number;
  readonly depth: number;
  /** The review numbers its parts, so a number alone is not a step. */
  readonly numbered: boolean;
}

interface Review {
  readonly lines: Lines;
  readonly blocks: readonly Block[];
  /** Line of the last step, or -1. */
  readonly lastStep: number;
}

/**
 * Extracts the *Revised Plan* from a plan review: the text below that heading, up to the next heading of the same or a
 * higher level that is not a step. A title of the plan directly below belongs to it. If the plan is in a Markdown
 * fence, returns the inside of the fence.
 * @returns null when the review has no such part
 */
export function extractRevisedPlan(reviewText: string): string | null {
  const source = toLf(reviewText).split('\n');
  const lines = source.map(foldLine);
  const blocks = joinPieces(new BlockReader().read(lines));
  const lastBlock = blocks.findLast((block) => countOf(lines, block) !== null);
  // Also covers a step inside a fence, which is not a block of its own.
  const lastStep = Math.max(lines.findLastIndex(isStep), lastBlock?.start.line ?? -1);
  let opening = blocks.map((block, at) => openingOf(lines, block, at)).find((found) => found !== null);
  while (opening !== undefined) {
    const from = opening.line + 1;
    const fence = insideMarkdownFence(source, lineWithText(source, from));
    if (fence !== null) return tidy(fence.inside.join('\n'));
    const end = endOf({ lines, blocks, lastStep }, opening);
    if (typeof end === 'number') return tidy(source.slice(from, end).join('\n'));
    opening = end;
  }
  return null;
}

/**
 * Finds the line after the plan below an opening. An announcement, such as "**Revised plan below.**", has no steps;
 * then returns the real opening, which comes after it.
 */
function endOf({ lines, blocks, lastStep }: Review, from: Opening): number | Opening {
  let hasSteps = false;
  let titled = false;
  for (const [at, block] of blocks.entries()) {
    if (at <= from.at || block.kind !== 'heading') continue;
    const count = countOf(lines, block);
    if (count !== null && !(count === 'number' && from.numbered)) hasSteps = true;
    else if (block.depth <= from.depth) {
      if (hasSteps || lastStep <= block.end.line) return block.start.line;
      const opening = openingOf(lines, block, at);
      if (opening !== null) return opening;
      // The plan's own title, and the headings between it and the first step.
      titled ||= isPlanTitle(lines[block.start.line] ?? '') && lineWithText(lines, from.line + 1) >= block.start.line;
      if (!titled) return block.start.line;
    }
  }
  return lines.length;
}

/** Returns what a heading, or the first line of a paragraph, counts. */
function countOf(lines: Lines, block: Block): 'step' | 'phase' | 'number' | null {
  if (block.kind !== 'heading' && block.kind !== 'paragraph') return null;
  const line = lines[block.start.line] ?? '';
  const found = block.kind === 'heading' ? readCandidate(headingText(line), true) : lineCandidate(line.trim());
  return found?.kind ?? null;
}

function openingOf(lines: Lines, block: Block, at: number): Opening | null {
  const line = lines[block.start.line] ?? '';
  const bold = block.kind === 'paragraph' && isBold(line.trim());
  if (block.kind !== 'heading' && !bold) return null;
  const words = headingText(line)
    .replace(/[*_`]/gu, '')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  if (!TITLE.test(words.replace(NUMBERED, '').trim())) return null;
  const numbered = NUMBERED.test(words);
  return block.kind === 'heading'
    ? { at, line: block.end.line, depth: block.depth, numbered }
    : { at, line: block.start.line, depth: BOLD_DEPTH, numbered };
}

const isBold = (line: string): boolean => /^(?:\*\*|__)/u.test(line) && /(?:\*\*|__):?$/u.test(line);

const isPlanTitle = (line: string): boolean =>
  /\b(?:plan|implementation|overview|summary|goal|phases?|steps|tasks)\b/iu.test(line);
