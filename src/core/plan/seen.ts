import { LINE_DEPTH, type Seen } from './families';
import { type Candidate, headingText, readCandidate, strictStep } from './headings';
import { headingSection } from './labels';
import type { Block } from './markdown';
import type { Lines } from './source';

/** A document's lines, normalised for reading its structure and as written; both have the same columns. */
export interface Document {
  readonly lines: Lines;
  readonly source: Lines;
}

/**
 * Finds the headings of a block, and the lines of a paragraph that look like step headings.
 * @param from line of the document from which the block counts its lines
 */
export function seenIn({ lines, source }: Document, block: Block, from: number): readonly Seen[] {
  const first = block.start.line;
  const last = block.end.line;
  if (block.kind === 'paragraph') return seenLines(lines, first, last, from);
  // An underline turns a paragraph of several lines into one heading.
  return block.kind === 'heading'
    ? [seenHeading(lines, source, block, from), ...seenLines(lines, first + 1, last - 1, from)]
    : [];
}

function seenHeading(lines: Lines, source: Lines, block: Block & { readonly kind: 'heading' }, from: number): Seen {
  const line = lines[block.start.line + from] ?? '';
  const text = headingText(line).trim();
  const strict = block.depth === 2 ? strictStep(source[block.start.line + from] ?? '') : null;
  const section = strict === null ? headingSection(line, block.depth) : null;
  const candidate = strict === null && section === null ? readCandidate(text, true) : null;
  return { line: block.start.line, end: block.end.line + 1, depth: block.depth, strict, candidate, section, text };
}

/**
 * Finds lines of a paragraph that count a step: bold at the start, heading marks without their space, or plainly "Step
 * 1: Title".
 */
function seenLines(lines: Lines, first: number, last: number, from: number): readonly Seen[] {
  const found: Seen[] = [];
  for (let at = first; at <= last; at++) {
    const line = (lines[at + from] ?? '').trim();
    const candidate = lineCandidate(line);
    if (candidate?.kind !== 'step') continue;
    found.push({ line: at, end: at + 1, depth: LINE_DEPTH, strict: null, candidate, section: null, text: line });
  }
  return found;
}

const MARKS = /^#{1,6}[ \t]{0,60}(?=[^#\s])/u;

/**
 * Reads what a line counts that is not a heading by Markdown's rules.
 * @param line without white space around it
 */
export function lineCandidate(line: string): Candidate | null {
  const marks = MARKS.exec(line)?.[0];
  if (marks !== undefined) return readCandidate(line.slice(marks.length), true);
  if (!/^(?:\*{1,3}|_{1,3}|\[[ xX]\]|[\p{L}\d✅☑✔])/u.test(line)) return null;
  return readCandidate(line, false);
}
