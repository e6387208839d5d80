/** The words of a command, or why it is refused: a clause to follow the check's name. */
export type CommandWords =
  | { readonly ok: true; readonly file: string; readonly args: readonly string[] }
  | { readonly ok: false; readonly why: string };

/** Words that only a shell understands: a program of that name would be missing at best. */
const SHELL_WORDS = new Set([
  '!',
  '{',
  '}',
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  'function',
  '.',
  ':',
  'cd',
  'eval',
  'exec',
  'export',
  'set',
  'source',
  'unset',
  'umask',
]);

const INSTEAD = `put it into a script, or write sh -c '…'`;
/** Operators of POSIX shells, longer ones first, and `|&`, which some shells have. */
const OPERATORS = [
  '&&',
  '||',
  ';;',
  '<<-',
  '<<<',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '|&',
  '|',
  '&',
  ';',
  '<',
  '>',
  '(',
  ')',
];
/** Characters that a backslash escapes inside double quotes. */
const ESCAPED_IN_QUOTES = new Set(['$', '`', '"', '\\']);

/**
 * Splits a command into words as a POSIX shell would, and refuses everything else that a shell would do: operators,
 * comments, substitutions, several lines. Variables, patterns and `~` stay as written. Linear in the text's length.
 */
export function commandWords(command: string): CommandWords {
  if (command.includes('\0')) return refused('contains a NUL character, which no program accepts; remove it');
  const text = command.trim();
  if (/[\r\n]/u.test(text))
    return refused(`has more than one line, and only a shell reads those one after another; ${INSTEAD} on one line`);
  const words: string[] = [];
  for (let at = 0; at < text.length; ) {
    const word = readWord(text, at);
    if (typeof word === 'string') return refused(word);
    words.push(word.content);
    at = word.end;
    while (isBlank(text[at])) at++;
  }
  return named(words);
}

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t';

/** A part of a command, without its quotes and backslashes. */
interface Part {
  readonly content: string;
  /** Offset behind the part. */
  readonly end: number;
}

/** Reads one word up to the next blank. @returns the word, or why the command is refused */
function readWord(text: string, start: number): Part | string {
  let content = '';
  let at = start;
  while (at < text.length && !isBlank(text[at])) {
    const character = text.charAt(at);
    if (character === '#' && at === start)
      return `has a comment ("#"), which only a shell understands; remove it, or quote the word`;
    if (';&|<>()'.includes(character)) return shellOnly(shownOperator(text, at, text.slice(start, at)));
    const part = readPart(text, at);
    if (typeof part === 'string') return part;
    content += part.content;
    at = part.end;
  }
  return { content, end: at };
}

/** Reads what is quoted or escaped as a whole, or a single character. */
function readPart(text: string, at: number): Part | string {
  const character = text.charAt(at);
  if (character === "'") return single(text, at);
  if (character === '"') return double(text, at);
  const substitution = substitutionAt(text, at);
  if (substitution !== null) return shellOnly(substitution);
  if (character !== '\\') return { content: character, end: at + 1 };
  if (at + 1 < text.length) return { content: text.charAt(at + 1), end: at + 2 };
  return 'ends with a backslash, behind which something has to follow; remove it, or double it';
}

/** The beginning of a command substitution at this offset. */
function substitutionAt(text: string, at: number): string | null {
  if (text[at] === '`') return '`';
  return text.startsWith('$(', at) ? '$(' : null;
}

function named([file, ...args]: readonly string[]): CommandWords {
  if (file === undefined || file === '') return refused('has no command; write one or remove it');
  if (/^[A-Za-z_]\w*=/u.test(file))
    return refused(`sets "${file}" as a shell would; begin the command with "env" instead`);
  if (SHELL_WORDS.has(file)) return refused(shellOnly(file));
  return { ok: true, file, args };
}

const OPEN = 'has a quote that is not closed; close it';

function single(text: string, open: number): Part | string {
  const close = text.indexOf("'", open + 1);
  return close === -1 ? OPEN : { content: text.slice(open + 1, close), end: close + 1 };
}

function double(text: string, open: number): Part | string {
  let content = '';
  for (let at = open + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') return { content, end: at + 1 };
    const substitution = substitutionAt(text, at);
    if (substitution !== null)
      return (
        `uses "${substitution}" inside double quotes, which only a shell understands; use ` +
        `single quotes, or ${INSTEAD}`
      );
    if (character === '\\' && ESCAPED_IN_QUOTES.has(text.charAt(at + 1))) content += text.charAt(++at);
    else content += character;
  }
  return OPEN;
}

/**
 * An operator as written: a redirection with the number before it and the file behind it, where they touch it.
 * @param before what the same word has before the operator
 */
function shownOperator(text: string, at: number, before: string): string {
  const found = OPERATORS.find((each) => text.startsWith(each, at)) ?? text.charAt(at);
  if (!/[<>]/u.test(found)) return found;
  const number = /^\d+$/u.test(before) ? before : '';
  return `${number}${found}${/^[^\s;&|<>()'"]{0,60}/u.exec(text.slice(at + found.length))?.[0] ?? ''}`;
}

function shellOnly(what: string): string {
  return `uses "${what}", which only a shell understands, and checks run without one; ${INSTEAD}`;
}

function refused(why: string): CommandWords {
  return { ok: false, why };
}
