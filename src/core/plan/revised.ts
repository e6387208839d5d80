import { insideMarkdownFence } from './fences';
import { atxHeading, strictStep } from './headings';
import { tidy } from './normalise';
import { BlockReader, joinPieces } from './pieces';
import { toLf } from './text';

const TITLE = /^(?:\d+[.)]\s*)?(?:the\s+)?revised\s+plan\b/iu;
/** A bold line is a heading that may end at any heading which is no step. */
const BOLD_DEPTH = 6;

/**
 * The *Revised Plan* of a plan review: what stands below that heading, up to the next heading of the same or a higher level that
 * is not a step; when it stands in a Markdown fence, the inside of the fence. @returns null when the review has no such part
 */
export function extractRevisedPlan(reviewText: string): string | null {
  const lines = toLf(reviewText).split('\n');
  let from: { readonly line: number; readonly depth: number } | null = null;
  let steps = 0;
  for (const block of joinPieces(new BlockReader().read(lines))) {
    const line = lines[block.start.line] ?? '';
    const step = block.kind === 'heading' && strictStep(line) !== null;
    if (from !== null && step) steps++;
    if (from !== null && (step || block.kind !== 'heading' || block.depth > from.depth)) continue;
    // An announcement, such as "**Revised plan below.**", has no step, and the real heading comes after it.
    if (isTitle(block.kind, line) && (from === null || (steps === 0 && lines.slice(block.end.line).some((text) => strictStep(text) !== null)))) {
      from = { line: block.kind === 'heading' ? block.end.line : block.start.line, depth: block.kind === 'heading' ? block.depth : BOLD_DEPTH };
      const fence = fenceBehind(lines, from.line);
      if (fence !== null) return tidy(fence.join('\n'));
    } else if (from !== null) {
      return tidy(lines.slice(from.line + 1, block.start.line).join('\n'));
    }
  }
  return from === null ? null : tidy(lines.slice(from.line + 1).join('\n'));
}

function isTitle(kind: string, line: string): boolean {
  const bold = kind === 'paragraph' && /^\s*(?:\*\*|__).*(?:\*\*|__):?\s*$/u.test(line);
  return (kind === 'heading' || bold) && TITLE.test((atxHeading(line)?.text ?? line).replace(/[*_`]/gu, '').trim());
}

/** The inside of the Markdown fence that the text below a line begins with, or null. */
function fenceBehind(lines: readonly string[], line: number): readonly string[] | null {
  const start = lines.findIndex((text, at) => at > line && text.trim() !== '');
  return (start < 0 ? null : insideMarkdownFence(lines, start))?.inside ?? null;
}
