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
  const blocks = joinPieces(new BlockReader().read(lines));
  let from: { readonly line: number; readonly depth: number } | null = null;
  for (const block of blocks) {
    const line = lines[block.start.line] ?? '';
    if (from === null) {
      const bold = block.kind === 'paragraph' && /^\s*(?:\*\*|__).*(?:\*\*|__):?\s*$/u.test(line);
      if (block.kind !== 'heading' && !bold) continue;
      if (!TITLE.test((atxHeading(line)?.text ?? line).replace(/[*_`]/gu, '').trim())) continue;
      from = { line: block.kind === 'heading' ? block.end.line : block.start.line, depth: block.kind === 'heading' ? block.depth : BOLD_DEPTH };
      const start = lines.findIndex((text, at) => at > (from?.line ?? 0) && text.trim() !== '');
      const fence = start < 0 ? null : insideMarkdownFence(lines, start);
      if (fence !== null) return tidy(fence.inside.join('\n'));
    } else if (block.kind === 'heading' && block.depth <= from.depth && strictStep(line) === null) {
      return tidy(lines.slice(from.line + 1, block.start.line).join('\n'));
    }
  }
  return from === null ? null : tidy(lines.slice(from.line + 1).join('\n'));
}
