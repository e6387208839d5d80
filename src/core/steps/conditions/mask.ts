/** How a language writes comments and string literals. */
export interface Lexis {
  readonly line: readonly string[];
  readonly block: readonly (readonly [open: string, close: string])[];
  /** Quotes, longest first. A string in one-character quotes, except backquotes, ends at the end of its line. */
  readonly quotes: readonly string[];
  /** `'` encloses a single character, or is not a quote at all, as in a Rust lifetime. */
  readonly characters?: boolean;
  /** JavaScript: it has regular expressions between slashes, and code inside template literals. */
  readonly script?: boolean;
}

/**
 * Replaces the content of comments and string literals with spaces, so that every word left is code. All positions stay
 * the same. Takes linear time and never throws, whatever the text.
 */
export function mask(text: string, lexis: Lexis): string {
  return new Masker(text, lexis).run();
}

const CHARACTER = /'(?:[^'\\\n]|\\[^\n]{1,9})'/uy;
/** Characters after which a slash begins a regular expression. */
const BEFORE_PATTERN = new Set(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';', '\n', '+', '>']);

class Masker {
  private readonly out: string[] = [];
  private at = 0;
  /** For each template literal around the current position: the number of open braces in its code. */
  private readonly braces: number[] = [];
  /** The last character that is neither whitespace nor masked. */
  private last = '\n';

  constructor(
    private readonly text: string,
    private readonly lexis: Lexis,
  ) {}

  run(): string {
    const { text, lexis } = this;
    while (this.at < text.length) {
      const line = lexis.line.find((mark) => text.startsWith(mark, this.at));
      const block = lexis.block.find(([open]) => text.startsWith(open, this.at));
      if (line !== undefined) this.blankTo(ends(text, '\n', this.at, 0));
      else if (block !== undefined) this.blankTo(ends(text, block[1], this.at + block[0].length, block[1].length));
      else if (!this.quoted() && !this.inTemplate() && !this.pattern()) this.keep();
    }
    return this.out.join('');
  }

  private keep(count = 1): void {
    const piece = this.text.slice(this.at, this.at + count);
    this.out.push(piece);
    if (piece.trim() !== '') this.last = piece.at(-1) ?? this.last;
    else if (piece === '\n' && this.last !== ')') this.last = '\n';
    this.at += count;
  }

  private blankTo(end: number): void {
    this.out.push(this.text.slice(this.at, end).replace(/[^\n\r]/gu, (one) => ' '.repeat(one.length)));
    this.at = end;
  }

  private quoted(): boolean {
    const { text, lexis } = this;
    const quote = lexis.quotes.find((each) => text.startsWith(each, this.at));
    if (quote === undefined) return false;
    if (quote === "'" && lexis.characters === true) {
      CHARACTER.lastIndex = this.at;
      const found = CHARACTER.exec(text);
      if (found) this.blankTo(this.at + found[0].length);
      else this.keep();
      return true;
    }
    this.keep(quote.length);
    if (quote === '`' && lexis.script === true) this.template();
    else this.literal(quote);
    return true;
  }

  /** Masks a string literal up to its closing quote. */
  private literal(quote: string): void {
    const oneLine = quote.length === 1 && quote !== '`';
    let end = this.at;
    while (end < this.text.length && !this.text.startsWith(quote, end)) {
      if (oneLine && this.text[end] === '\n') return this.blankTo(end);
      end += this.text[end] === '\\' ? 2 : 1;
    }
    this.blankTo(Math.min(end, this.text.length));
    if (this.at < this.text.length) this.keep(quote.length);
  }

  /** Masks a template literal up to its end or to the next code inside it. */
  private template(): void {
    let end = this.at;
    while (end < this.text.length && this.text[end] !== '`' && !this.text.startsWith('${', end))
      end += this.text[end] === '\\' ? 2 : 1;
    this.blankTo(Math.min(end, this.text.length));
    if (this.at >= this.text.length) return;
    if (this.text[this.at] === '`') return this.keep();
    this.blankTo(this.at + 2);
    this.last = '(';
    this.braces.push(0);
  }

  /** Counts the braces of code inside a template literal. The last closing brace leads back into the literal. */
  private inTemplate(): boolean {
    const depth = this.braces.at(-1);
    const here = this.text[this.at];
    if (depth === undefined || (here !== '{' && here !== '}')) return false;
    if (here === '}' && depth === 0) {
      this.braces.pop();
      this.blankTo(this.at + 1);
      this.template();
      return true;
    }
    this.braces[this.braces.length - 1] = depth + (here === '{' ? 1 : -1);
    return false;
  }

  private pattern(): boolean {
    if (this.lexis.script !== true || this.text[this.at] !== '/') return false;
    const word = /(?:return|typeof|case|of|in)$/u.test(this.text.slice(Math.max(0, this.at - 8), this.at).trimEnd());
    if (!BEFORE_PATTERN.has(this.last) && !word) return false;
    let inClass = false;
    for (let end = this.at + 1; end < this.text.length && this.text[end] !== '\n'; end++) {
      const here = this.text[end];
      if (here === '\\') end++;
      else if (here === '[') inClass = true;
      else if (here === ']') inClass = false;
      else if (here === '/' && !inClass) {
        this.blankTo(end + 1);
        this.last = ')';
        return true;
      }
    }
    return false;
  }
}

function ends(text: string, mark: string, from: number, length: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + length;
}

/** Returns the index of the bracket that closes the one at `open`, or the text's length. @param masked masked text */
export function closing(masked: string, open: number): number {
  let depth = 0;
  for (let at = open; at < masked.length; at++) {
    const here = masked[at];
    if (here === '(' || here === '[' || here === '{') depth++;
    else if ((here === ')' || here === ']' || here === '}') && --depth === 0) return at;
  }
  return masked.length;
}
