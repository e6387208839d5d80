/**
 * White space that editors, chats and models write where Markdown means a plain space, and characters without any
 * width; joiners are parts of words.
 */
const ODD = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]/u;
const EACH_ODD = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]/gu;
const HEADING = /^[\s\u200b\u2060]*[#\uff03]/u;
/** A bullet or a number, and the box behind it. */
const BULLET =
  /^[\s\u200b\u2060]{0,60}(?:[-*+]|[\d\uff10-\uff19]{1,9}[.)\uff0e\uff09])[\s\u200b\u2060]{1,60}(?:[[\uff3b][\sxX\uff58\uff38\u200b\u2060]?[\]\uff3d][\s\u200b\u2060]{0,60})?/u;
const WIDE = /[\uff03\uff10-\uff19\uff0e\uff09\uff3b\uff3d\uff58\uff38]/u;
const EACH_WIDE = /[\uff03\uff09\uff0e\uff10-\uff19\uff1a\uff38\uff3b\uff3d\uff58]/gu;
/** Full-width forms stand this much above their ASCII twins. */
const WIDE_OFFSET = 0xfee0;

/**
 * The line as the structure of a plan is read from it: odd spaces and full-width marks where a heading, a bullet or a
 * checkbox is
 * meant are plain ones. Every character keeps its column; words stay as they are.
 */
export function foldLine(line: string): string {
  if (!ODD.test(line) && !WIDE.test(line)) return line;
  if (HEADING.test(line)) return plainMarks(plainSpaces(line));
  const bullet = BULLET.exec(line)?.[0].length ?? 0;
  if (bullet > 0) return narrow(plainSpaces(line.slice(0, bullet))) + line.slice(bullet);
  const indent = line.length - line.replace(/^[\s\u200b\u2060]+/u, '').length;
  return indent === 0 ? line : plainSpaces(line.slice(0, indent)) + line.slice(indent);
}

const plainSpaces = (text: string): string => text.replace(EACH_ODD, ' ');
/** The marks of a heading alone: its words keep their forms. */
const plainMarks = (line: string): string => line.replace(/^\s*[#\uff03]+/u, narrow);

/** Full-width digits, brackets, colons and marks as their ASCII twins, one for one. */
export const narrow = (text: string): string =>
  text.replace(EACH_WIDE, (wide) => String.fromCharCode(wide.charCodeAt(0) - WIDE_OFFSET));

/** Without the characters that nobody sees; columns change. */
export const withoutInvisible = (text: string): string => text.replace(/[\u00ad\u200b\u2060\ufeff]/gu, '');
