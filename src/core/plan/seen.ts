import type { Block } from './blocks';
import { LINE_DEPTH, type Seen } from './families';
import { atxHeading, type Candidate, readCandidate, strictStep } from './headings';
import { headingSection } from './labels';
import type { Lines } from './source';

/** A document's lines as its structure is read from them, and as they were written; both have the same columns. */
export interface Document {
  readonly lines: Lines;
  readonly source: Lines;
}

/**
 * The headings of a block, and the lines of a paragraph that look like a step's. @param from what the block's lines are
 * counted from
 */
export function seenIn({ lines, source }: Document, block: Block, from: number): readonly Seen[] {
  if (block.kind === 'heading') {
    // A paragraph of several lines becomes a heading by the underline below it.
    const more =
      block.end.line - block.start.line > 1
        ? seenLines(
            lines,
            {
              ...block,
              start: { ...block.start, line: block.start.line + 1 },
              end: { ...block.end, line: block.end.line - 1 },
            },
            from,
          )
        : [];
    return [seenHeading(lines, source, block, from), ...more];
  }
  return block.kind === 'paragraph' ? seenLines(lines, block, from) : [];
}

function seenHeading(lines: Lines, source: Lines, block: Block & { readonly kind: 'heading' }, from: number): Seen {
  const line = lines[block.start.line + from] ?? '';
  const text = atxHeading(line)?.text ?? line.trim();
  const strict = block.depth === 2 ? strictStep(source[block.start.line + from] ?? '') : null;
  const section = strict === null ? headingSection(line, block.depth) : null;
  const candidate = strict === null && section === null ? readCandidate(text, true) : null;
  return { line: block.start.line, end: block.end.line + 1, depth: block.depth, strict, candidate, section, text };
}

/**
 * Lines of a paragraph that count a step: bold at its start, with marks that lack their space, or plainly "Step 1:
 * Title".
 */
function seenLines(lines: Lines, block: Block, from: number): readonly Seen[] {
  const found: Seen[] = [];
  for (let at = block.start.line; at <= block.end.line; at++) {
    const line = (lines[at + from] ?? '').trim();
    const candidate = lineCandidate(line);
    if (candidate?.kind !== 'step') continue;
    found.push({ line: at, end: at + 1, depth: LINE_DEPTH, strict: null, candidate, section: null, text: line });
  }
  return found;
}

const MARKS = /^#{1,6}[ \t]{0,60}(?=[^#\s])/u;

/** What a line counts that is no heading by the letter. @param line without white space around it */
export function lineCandidate(line: string): Candidate | null {
  const marks = MARKS.exec(line)?.[0];
  if (marks !== undefined) return readCandidate(line.slice(marks.length), true);
  if (!/^(?:\*{1,3}|_{1,3}|\[[ xX]\]|[\p{L}\d✅☑✔])/u.test(line)) return null;
  return readCandidate(line, false);
}
