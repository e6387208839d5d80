import { atxHeading, nearlyStep, strictStep } from './headings';
import { lineWithText, OPENING_FENCE } from './planText';
import type { Lines } from './source';

/**
 * Whether a fence with Markdown opens at line `at`: its language says so, or it has no language and begins with a
 * heading.
 */
function opensMarkdown(lines: Lines, at: number): boolean {
  const fence = readFence(lines[at]);
  if (fence === null) return false;
  const lang = fence.info.toLowerCase();
  if (lang !== '') return lang === 'md' || lang === 'markdown';
  return atxHeading(lines[lineWithText(lines, at + 1)] ?? '') !== null;
}

/** Whether a line is a step heading. A single `#` does not count, because it may be a shell comment. */
export const isStep = (line: string): boolean =>
  line.trimStart().startsWith('##') && (strictStep(line) !== null || nearlyStep(line)?.kind === 'step');

/** The lines inside a fence, and the line after its closing line. */
interface Inside {
  readonly inside: Lines;
  readonly end: number;
}

/**
 * Reads the inside of a Markdown fence that opens at line `at`.
 * @returns null when no such fence opens there
 */
export const insideMarkdownFence = (lines: Lines, at: number): Inside | null =>
  opensMarkdown(lines, at) ? insideFence(lines, at) : null;

/**
 * Reads the inside of a fence with a plan that opens at line `at`.
 * Agents put whole plans into a fence of three marks, with further fences inside. By CommonMark the first inner end
 * closes the outer fence. Here an end opens an inner fence instead, when steps follow it or its text runs on to another
 * end.
 * @returns null when no fence opens there
 */
export function insideFence(lines: Lines, at: number): Inside | null {
  const marks = readFence(lines[at])?.marks;
  if (marks === undefined) return null;
  const lastStep = lines.findLastIndex(isStep);
  let inner: string | null = null;
  for (let line = at + 1; line < lines.length; line++) {
    const fence = readFence(lines[line]);
    if (fence === null) continue;
    if (inner !== null) {
      if (closes(fence, inner)) inner = null;
    } else if (!closes(fence, marks)) inner = fence.marks;
    else if (marks.length > 3 || (lastStep < line && !goesOn(lines, line)))
      return { inside: lines.slice(at + 1, line), end: line + 1 };
    else inner = fence.marks;
  }
  return { inside: lines.slice(at + 1), end: lines.length };
}

interface Fence {
  readonly marks: string;
  /** The text after the marks, such as a language. */
  readonly info: string;
}

function readFence(line: string | undefined): Fence | null {
  const match = OPENING_FENCE.exec(line ?? '');
  const info = (line ?? '').slice(match?.[0].length ?? 0);
  return match === null || info.includes('`') ? null : { marks: match[1] ?? '', info: info.trim() };
}

const closes = (fence: Fence, open: string): boolean => fence.info === '' && fence.marks.startsWith(open);

/**
 * Whether the next fence line after `line` is also an end, with no section heading before it. Both then delimit an
 * inner fence.
 */
function goesOn(lines: Lines, line: number): boolean {
  for (let at = line + 1; at < lines.length; at++) {
    if ((atxHeading(lines[at] ?? '')?.depth ?? 7) <= 2) return false;
    const fence = readFence(lines[at]);
    if (fence !== null) return fence.info === '';
  }
  return false;
}
