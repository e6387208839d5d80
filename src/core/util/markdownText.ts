/** Control and format characters, and line breaks: none may end a line or hide or reorder what follows. */
const UNSEEN = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** Punctuation that can begin markup inside a line: code, emphasis, links, HTML, entities, cells, math, mail. */
const MARKUP = /[\\`*_[\]<>&|~$@]/gu;

/** What begins a block at the start of a line: a heading, a list, a quotation, a line under a heading. */
const BLOCK_START = /^(?:[#=+-]|\d+(?=[.)]))/u;

/** What viewers turn into a link or a mention without any markup: "@name", "#12", "https://", "www.". */
const LINKED = /@|#(?=\d)|\/(?=\/)|www(?=\.)/giu;

/** The invisible word joiner. */
const JOINER = '\u2060';

/** Maximum length of a text, in characters: a hint may be a whole log. */
const MOST = 1000;

/**
 * Any text as one line of Markdown that shows it as it is: without markup, links and HTML, also in a table's cell.
 * @param most maximum length in characters; the rest becomes "…"
 */
export function markdownText(text: string, most = MOST): string {
  const line = text
    .slice(0, most * 4)
    .replace(UNSEEN, ' ')
    .trim();
  const short = line.length > most ? `${line.slice(0, most).replace(/[\uD800-\uDBFF]$/u, '')}…` : line;
  return short
    .replace(MARKUP, '\\$&')
    .replace(BLOCK_START, (start) => (/\d/u.test(start) ? `${start}${JOINER}` : `\\${start}`))
    .replace(LINKED, `$&${JOINER}`);
}
