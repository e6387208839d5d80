import type { PlanItem, Range } from '../../core/plan';

/** A path or a command that a plan names, where it stands. */
export interface Reference {
  readonly text: string;
  readonly range: Range;
}

/** A line of the document, without its end. */
export type LineAt = (line: number) => string;

/** The part of a line that belongs to an item. */
export interface ItemLine {
  readonly line: number;
  /** Where the item's text begins on the line, in UTF-16 units. */
  readonly from: number;
  readonly text: string;
}

/** An item's source, line by line. */
export function linesOf({ range }: PlanItem, lineAt: LineAt): readonly ItemLine[] {
  const lines: ItemLine[] = [];
  for (let line = range.start.line; line <= range.end.line; line++) {
    const text = lineAt(line);
    const from = line === range.start.line ? range.start.character : 0;
    lines.push({ line, from, text: text.slice(from, line === range.end.line ? range.end.character : text.length) });
  }
  return lines;
}

/** @param at where the reference begins in the line's text */
export const reference = ({ line, from }: ItemLine, at: number, text: string): Reference => ({
  text,
  range: { start: { line, character: from + at }, end: { line, character: from + at + text.length } },
});

/** A name that ends as files do. */
export const HAS_ENDING = /\.[A-Za-z]\w{0,9}$/u;

/** A folder's or a file's name, as the source of a pattern: also `[id]` and `(group)`. */
export const SEGMENT = String.raw`(?:[\p{L}\p{M}\p{N}_@.~+-]|\[{1,2}[\p{L}\p{N}_.-]+\]{1,2}|\([\p{L}\p{N}_.-]+\))+`;
