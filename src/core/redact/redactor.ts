import { HIDDEN, hideSecretWords, LONGEST_HELD, unfinishedWord } from './secretWords';

const SECRET_NAME = /KEYS?$|(?:^|_|API|ACCESS)KEY_|TOKEN|SECRET|PASSW|PASSPHRASE|AUTH(?!OR)|CREDENTIAL|COOKIE/iu;
/** Names of variables that hold a secret's location or how to ask for it, not the secret. */
const PLACE_NAME = /(?:_SOCK|_FILE|_PATH|_DIR|_HOME|_ASKPASS|_PROGRAM|_METHOD|_TYPE)$/iu;
/** Variables with one "Name: value" per line; a value may begin with a scheme, such as "Bearer". */
const HEADERS_NAME = /HEADERS?$/iu;

/** Hides secrets in what is shown or stored: those given to a program, and whatever looks like one. */
export class Redactor {
  private readonly values: readonly string[];

  /** @param env the environment of the program */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    const values = Object.entries(env).flatMap(([name, value = '']) => {
      if (HEADERS_NAME.test(name)) return [value, ...headersIn(value)];
      return SECRET_NAME.test(name) && !PLACE_NAME.test(name) ? [value, ...value.split('\n')] : [...passwordsOf(value)];
    });
    // Short values and plain numbers are settings; hiding them would blot out ordinary words.
    this.values = [...new Set(values.map((value) => value.trim()))]
      .filter((value) => value.length >= 8 && !/^\d+$/u.test(value))
      .sort((a, b) => b.length - a.length);
  }

  /** Linear in the text's length. */
  clean(text: string): string {
    let clean = text;
    for (const value of this.values) if (clean.includes(value)) clean = clean.replaceAll(value, HIDDEN);
    return hideSecretWords(clean);
  }

  /** A JSON value with all its texts and keys cleaned. */
  cleanValue(value: unknown): unknown {
    if (typeof value === 'string') return this.clean(value);
    if (Array.isArray(value)) return value.map((one) => this.cleanValue(one));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [this.clean(name), this.cleanValue(one)]));
    return value;
  }

  /** The bytes without secrets, the same array if there are none; decodes text as UTF-8. */
  cleanBytes(bytes: Uint8Array): Uint8Array {
    const text = new TextDecoder().decode(bytes);
    const clean = this.clean(text);
    return clean === text ? bytes : new TextEncoder().encode(clean);
  }

  /** Number of characters at the end that may begin a secret which continues in the next piece. */
  unfinished(text: string): number {
    return this.values.reduce((most, value) => Math.max(most, overlap(text, value)), unfinishedWord(text));
  }
}

/** Length of the longest proper prefix of `value` at the end of `text`. */
function overlap(text: string, value: string): number {
  const first = value.charAt(0);
  for (
    let at = text.indexOf(first, Math.max(0, text.length - value.length + 1));
    at !== -1;
    at = text.indexOf(first, at + 1)
  )
    if (value.startsWith(text.slice(at))) return text.length - at;
  return 0;
}

function headersIn(value: string): string[] {
  return value
    .split('\n')
    .map((line) => line.slice(line.indexOf(':') + 1).trim())
    .flatMap((header) => [header, ...header.split(/\s+/u)]);
}

function* passwordsOf(value: string): Iterable<string> {
  const password = /^\w+:\/\/[^/\s:@]*:([^/\s@]+)@/u.exec(value)?.[1];
  if (password !== undefined) yield password;
}

/** Passes text on in pieces; holds back the last characters while they may begin a secret. */
export class RedactedStream {
  private held = '';
  /** A hidden secret was longer than the limit: the rest of it is left out. */
  private inside = false;

  constructor(
    private readonly redactor: Redactor,
    private readonly pass: (text: string) => void,
  ) {}

  push(piece: string): void {
    const whole = this.held + this.restOf(piece);
    const unfinished = Math.min(this.redactor.unfinished(whole), whole.length);
    const keep = unfinished >= LONGEST_HELD ? 0 : unfinished;
    this.held = whole.slice(whole.length - keep);
    const shown = this.say(whole.slice(0, whole.length - keep));
    if (keep === 0 && whole.length >= LONGEST_HELD) this.inside = shown.endsWith(HIDDEN);
  }

  flush(): void {
    const rest = this.held;
    this.held = '';
    this.say(rest);
  }

  private restOf(piece: string): string {
    if (!this.inside) return piece;
    const rest = piece.replace(/^[\w.+/=~-]*/u, '');
    this.inside = rest === '';
    return rest;
  }

  private say(text: string): string {
    const clean = this.redactor.clean(text);
    if (clean !== '') this.pass(clean);
    return clean;
  }
}
