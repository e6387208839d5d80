/** A position in a text. Lines and columns count from 0; columns are UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

/** A range of text, as editors count it; the end is exclusive. */
export interface Range {
  readonly start: Place;
  readonly end: Place;
}

/** Returns the range moved down by `lines` lines. */
export const moveRange = ({ start, end }: Range, lines: number): Range => ({
  start: { line: start.line + lines, character: start.character },
  end: { line: end.line + lines, character: end.character },
});

/** Returns the text that a pattern matches, or an empty text. */
export const matched = (pattern: RegExp, text: string): string => pattern.exec(text)?.[0] ?? '';

/** Returns the first line, from `from` on, that is not blank; the number of lines when there is none. */
export function lineWithText(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && (lines[at] ?? '').trim() === '') at++;
  return at;
}

/** The marks that open a fence are its first group. */
export const OPENING_FENCE = /^ {0,3}(`{3,}|~{3,})/u;

/** Removes a byte-order mark and turns every line end into `\n`. All line numbers in this folder refer to this form. */
export function toLf(text: string): string {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return plain.includes('\r') ? plain.replace(/\r\n?/gu, '\n') : plain;
}

/**
 * Maximum characters of a line given to the Markdown library, whose cost grows faster than the line. Longer lines are
 * prose without structure.
 */
export const LINE_LIMIT = 10_000;

/**
 * Maximum nesting, in columns of indentation or characters of container marks. The library's cost grows with its cube.
 */
const NESTING_LIMIT = 60;

/** Opens a container at the start of a line: quotes, bullets and numbers, each after optional white space. */
const CONTAINER = /[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))/uy;

/**
 * Returns the line for the Markdown library: cut when too long, blank when nested too deep. The number of lines stays.
 */
export function guardLine(line: string): string {
  const first = line.charCodeAt(0);
  const opens =
    first === 32 ||
    first === 9 ||
    first === 62 ||
    first === 42 ||
    first === 43 ||
    first === 45 ||
    (first >= 48 && first <= 57);
  if (opens && line.length > NESTING_LIMIT && nesting(line) > NESTING_LIMIT) return '';
  return line.length > LINE_LIMIT ? line.slice(0, LINE_LIMIT) : line;
}

function nesting(line: string): number {
  CONTAINER.lastIndex = 0;
  let end = 0;
  while (end <= NESTING_LIMIT && CONTAINER.test(line)) end = CONTAINER.lastIndex;
  let width = end;
  for (let at = end; width <= NESTING_LIMIT && at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === 9) width += 4;
    else if (code === 32) width += 1;
    else break;
  }
  return width;
}

export const isBlank = (line: string | undefined): boolean => line === undefined || /^[ \t]*$/u.test(line);
