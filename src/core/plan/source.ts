import type { Place } from './blocks';
import { LINE_LIMIT } from './text';
import type { PlanItem, Range } from './types';

/** Lines of a document or of a part of it; blocks count from the same line. */
export type Lines = readonly string[];

/** A block's range in the source, where a line that the library saw cut ends at its real end. */
export function rangeOf(lines: Lines, start: Place, end: Place): Range {
  const real = end.character >= LINE_LIMIT ? { line: end.line, character: (lines[end.line] ?? '').length } : end;
  return {
    start: { line: start.line, character: start.character },
    end: { line: real.line, character: real.character },
  };
}

/** The source of a range, its lines trimmed and joined by one space. */
export function textOf(lines: Lines, range: Range): string {
  const parts: string[] = [];
  for (let at = range.start.line; at <= range.end.line; at++) {
    const line = lines[at] ?? '';
    parts.push(
      line
        .slice(
          at === range.start.line ? range.start.character : 0,
          at === range.end.line ? range.end.character : undefined,
        )
        .trim(),
    );
  }
  return parts.join(' ').trim();
}

export const lineRange = (lines: Lines, line: number): Range => {
  const text = lines[line] ?? '';
  const start = text.length - text.trimStart().length;
  return { start: { line, character: start }, end: { line, character: Math.max(start, text.trimEnd().length) } };
};

/** A range from the start of one line to the end of the last line before `end` that is not blank. */
export function linesRange(lines: Lines, from: number, end: number): Range {
  let last = end - 1;
  while (last > from && (lines[last] ?? '').trim() === '') last--;
  return { start: { line: from, character: 0 }, end: { line: last, character: (lines[last] ?? '').length } };
}

export function moveRange(range: Range, lines: number): Range {
  return {
    start: { line: range.start.line + lines, character: range.start.character },
    end: { line: range.end.line + lines, character: range.end.character },
  };
}

export const moveItem = (item: PlanItem, lines: number): PlanItem => ({
  text: item.text,
  range: moveRange(item.range, lines),
});
