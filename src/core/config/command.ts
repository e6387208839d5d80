/** The words of a command, or why it has none: a clause to follow the check's name. */
export type CommandWords =
  | { readonly ok: true; readonly file: string; readonly args: readonly string[] }
  | { readonly ok: false; readonly why: string };

/** What only a shell knows: as a program it would be missing at best. */
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
/** Operators of POSIX shells, longer ones first, and a `|&` that some know. */
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
/** What a backslash takes the meaning of inside double quotes. */
const ESCAPED_IN_QUOTES = new Set(['$', '`', '"', '\\']);

/**
 * Splits a command into words as a POSIX shell would, and refuses whatever a shell would do beyond that: operators,
 * comments, substitutions, several lines. Variables, patterns and `~` stay as they are written. Takes time in
 * proportion
 * to the text.
 */
export function commandWords(command: string): CommandWords {
  if (command.includes('\0')) return refused('holds a NUL character, which no program can be given; remove it');
  const text = command.trim();
  if (/[\r\n]/u.test(text))
    return refused(`has more than one line, and only a shell reads those one after another; ${INSTEAD} on one line`);
  const words: string[] = [];
  /** Null between words: a word may be empty. */
  let word: string | null = null;
  let bare = true;
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    if (character === ' ' || character === '\t') {
      if (word !== null) words.push(word);
      word = null;
      bare = true;
      at++;
    } else if (character === "'" || character === '"') {
      const quoted = character === "'" ? single(text, at) : double(text, at);
      if (typeof quoted === 'string') return refused(quoted);
      word = (word ?? '') + quoted.content;
      bare = false;
      at = quoted.end;
    } else if (character === '\\') {
      if (at + 1 >= text.length)
        return refused('ends with a backslash, behind which something has to follow; remove it, or double it');
      word = (word ?? '') + text.charAt(at + 1);
      bare = false;
      at += 2;
    } else if (character === '#' && word === null) {
      return refused(`has a comment ("#"), which only a shell understands; remove it, or quote the word`);
    } else if (character === '`' || (character === '$' && text[at + 1] === '(')) {
      return operator(character === '`' ? '`' : '$(');
    } else if (';&|<>()'.includes(character)) {
      return operator(shownOperator(text, at, bare && word !== null && /^\d+$/u.test(word) ? word : ''));
    } else {
      word = (word ?? '') + character;
      at++;
    }
  }
  if (word !== null) words.push(word);
  return named(words);
}

function named([file, ...args]: readonly string[]): CommandWords {
  if (file === undefined || file === '') return refused('has no command; write one or remove it');
  if (/^[A-Za-z_]\w*=/u.test(file))
    return refused(`sets "${file}" as a shell would; begin the command with "env" instead`);
  if (SHELL_WORDS.has(file)) return operator(file);
  return { ok: true, file, args };
}

interface Quoted {
  readonly content: string;
  /** Behind the closing quote. */
  readonly end: number;
}

const OPEN = 'has a quote that is not closed; close it';

function single(text: string, open: number): Quoted | string {
  const close = text.indexOf("'", open + 1);
  return close === -1 ? OPEN : { content: text.slice(open + 1, close), end: close + 1 };
}

function double(text: string, open: number): Quoted | string {
  let content = '';
  for (let at = open + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') return { content, end: at + 1 };
    if (character === '`' || (character === '$' && text[at + 1] === '('))
      return (
        `uses "${character === '`' ? '`' : '$('}" inside double quotes, which only a shell understands; use ` +
        `single quotes, or ${INSTEAD}`
      );
    if (character === '\\' && ESCAPED_IN_QUOTES.has(text.charAt(at + 1))) content += text.charAt(++at);
    else content += character;
  }
  return OPEN;
}

/** An operator as it stands in the command: a redirection with its number and its file, where they touch it. */
function shownOperator(text: string, at: number, number: string): string {
  const found = OPERATORS.find((each) => text.startsWith(each, at)) ?? text.charAt(at);
  if (!/[<>]/u.test(found)) return found;
  return `${number}${found}${/^[^\s;&|<>()'"]{0,60}/u.exec(text.slice(at + found.length))?.[0] ?? ''}`;
}

function operator(what: string): CommandWords {
  return refused(`uses "${what}", which only a shell understands, and checks run without one; ${INSTEAD}`);
}

function refused(why: string): CommandWords {
  return { ok: false, why };
}
