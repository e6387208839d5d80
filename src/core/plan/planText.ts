/** Byte-order mark off, every line end as `\n`: what all of this folder counts lines on. */
export function toLf(text: string): string {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return plain.includes('\r') ? plain.replace(/\r\n?/gu, '\n') : plain;
}

/**
 * Beyond this a line is prose that nobody structured; the Markdown library's cost grows faster than the line. In
 * characters.
 */
export const LINE_LIMIT = 10_000;

/**
 * Columns of indentation, or characters of container marks, that still mean nesting; the library's cost grows with its
 * cube.
 */
const NESTING_LIMIT = 60;

/** What opens a container at the start of a line: quotes, bullets and numbers, each behind white space. */
const CONTAINER = /[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))/uy;

/**
 * The line as the Markdown library gets it: a line too long is cut, one nested too deep is blank. The line count stays.
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
