import { type Block, BlockReader, joinPieces } from './blocks';
import { insideMarkdownFence, isStep } from './fences';
import { atxHeading, readCandidate } from './headings';
import { foldLine } from './marks';
import { tidy } from './parsePlan';
import { toLf } from './planText';
import { lineCandidate } from './seen';

const TITLE = /^(?:(?:the|proposed|full|complete|updated)\s+)?(?:revised|updated)\s+(?:implementation\s+)?plan\b/iu;
/** A number before the title, because reviews number their parts. */
const NUMBERED = /^\d{1,3}[.)]\s*/u;
/** Depth of a bold line used as a heading: any heading that is not a step may end its part. */
const BOLD_DEPTH = 6;

/** The heading that begins the revised plan. */
interface Opening {
  /** Last line of the heading. */
  readonly line: number;
  readonly depth: number;
  /** The review numbers its parts, so a number alone is not a step. */
  readonly numbered: boolean;
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
  const counts = blocks.map((block) => countOf(lines, block));
  // Also covers a step inside a fence, which is not a block of its own.
  const lastStep = Math.max(
    lines.findLastIndex(isStep),
    blocks[counts.findLastIndex((count) => count !== null)]?.start.line ?? -1,
  );
  let from: Opening | null = null;
  let steps = 0;
  let titled = false;
  for (const [at, block] of blocks.entries()) {
    const line = lines[block.start.line] ?? '';
    const count = counts[at] ?? null;
    const step = count !== null && block.kind === 'heading' && !(count === 'number' && from?.numbered === true);
    if (from !== null && step) steps++;
    if (from !== null && (step || block.kind !== 'heading' || block.depth > from.depth)) continue;
    const opening = openingAt(block, line);
    // An announcement, such as "**Revised plan below.**", has no steps; the real heading comes after it.
    if (opening !== null && (from === null || (steps === 0 && lastStep > block.end.line))) {
      from = opening;
      titled = false;
      const fence = fenceBehind(source, from.line);
      if (fence !== null) return tidy(fence.join('\n'));
    } else if (from !== null) {
      // The plan's own title, and the headings between it and the first step.
      titled ||= isPlanTitle(line) && lines.slice(from.line + 1, block.start.line).every((text) => text.trim() === '');
      if (titled && steps === 0 && lastStep > block.end.line) continue;
      return tidy(source.slice(from.line + 1, block.start.line).join('\n'));
    }
  }
  return from === null ? null : tidy(source.slice(from.line + 1).join('\n'));
}

/** Returns what a heading, or the first line of a paragraph, counts. */
function countOf(lines: readonly string[], block: Block): 'step' | 'phase' | 'number' | null {
  if (block.kind !== 'heading' && block.kind !== 'paragraph') return null;
  const line = lines[block.start.line] ?? '';
  const found =
    block.kind === 'heading' ? readCandidate(atxHeading(line)?.text ?? line, true) : lineCandidate(line.trim());
  return found?.kind ?? null;
}

function openingAt(block: Block, line: string): Opening | null {
  const bold = block.kind === 'paragraph' && isBold(line.trim());
  if (block.kind !== 'heading' && !bold) return null;
  const words = (atxHeading(line)?.text ?? line).replace(/[*_`]/gu, '').replace(/^[^\p{L}\p{N}]+/u, '');
  if (!TITLE.test(words.replace(NUMBERED, '').trim())) return null;
  const numbered = NUMBERED.test(words);
  return block.kind === 'heading'
    ? { line: block.end.line, depth: block.depth, numbered }
    : { line: block.start.line, depth: BOLD_DEPTH, numbered };
}

const isBold = (line: string): boolean => /^(?:\*\*|__)/u.test(line) && /(?:\*\*|__):?$/u.test(line);

const isPlanTitle = (line: string): boolean =>
  /\b(?:plan|implementation|overview|summary|goal|phases?|steps|tasks)\b/iu.test(line);

/** Returns the inside of a Markdown fence that follows a line directly, or null. */
function fenceBehind(lines: readonly string[], line: number): readonly string[] | null {
  const start = lines.findIndex((text, at) => at > line && text.trim() !== '');
  return (start < 0 ? null : insideMarkdownFence(lines, start))?.inside ?? null;
}
