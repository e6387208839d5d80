const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSW|AUTH|CREDENTIAL)/iu;
/** One "Name: value" a line; a value may begin with a scheme, such as "Bearer". */
const HEADERS_NAME = /HEADERS?$/iu;
/** Words that services give out as keys, wherever they stand. */
const SECRET_WORD = /\b(?:sk-[\w-]{8,}|gh[pousr]_\w{8,}|github_pat_\w{8,}|glpat-[\w-]{8,}|xox[abpr]-[\w-]{8,}|AKIA[0-9A-Z]{12,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})/gu;
/** What may be the beginning of such a word when a text is cut here. */
const UNFINISHED_WORD = /\b(?:s|sk|sk-[\w-]{0,200}|g|gh[pousr]?|gh[pousr]_\w{0,200}|gi|git|gith|githu|github(?:_p?|_pa|_pat|_pat_\w{0,200})?|gl|glp|glpa|glpat|glpat-[\w-]{0,200}|xo|xox[abpr]?|xox[abpr]-[\w-]{0,200}|A|AK|AKI|AKIA[0-9A-Z]{0,200}|e|ey|eyJ[\w-]{0,4000}(?:\.[\w-]{0,4000}){0,2})$/u;
const HIDDEN = '***';

/** Hides the secrets that an agent program was given, and whatever looks like one, in what is shown or stored. */
export class Redactor {
  private readonly values: readonly string[];

  /** @param env the environment of the program */
  constructor(env: Readonly<Record<string, string>>) {
    const values = Object.entries(env).flatMap(([name, value]) => (HEADERS_NAME.test(name) ? [value, ...headersIn(value)] : SECRET_NAME.test(name) ? [value] : [...passwordsOf(value)]));
    // Short values and plain numbers are settings, and would blot out ordinary words.
    this.values = [...new Set(values)].filter((value) => value.length >= 8 && !/^\d+$/u.test(value)).sort((a, b) => b.length - a.length);
  }

  clean(text: string): string {
    let clean = text;
    for (const value of this.values) if (clean.includes(value)) clean = clean.replaceAll(value, HIDDEN);
    return clean.replace(SECRET_WORD, HIDDEN);
  }

  /** Every text inside a JSON value, cleaned. */
  cleanValue(value: unknown): unknown {
    if (typeof value === 'string') return this.clean(value);
    if (Array.isArray(value)) return value.map((one) => this.cleanValue(one));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, one]) => [this.clean(name), this.cleanValue(one)]));
    return value;
  }

  /** How many characters at the end may be the beginning of a secret that goes on in the next piece. */
  unfinished(text: string): number {
    const word = UNFINISHED_WORD.exec(text.slice(-9_000))?.[0].length ?? 0;
    return this.values.reduce((most, value) => Math.max(most, overlap(text, value)), word);
  }
}

/** Passes a text on in pieces, holding back the few characters that may be the beginning of a secret. */
export class RedactedStream {
  private held = '';
  constructor(private readonly redactor: Redactor, private readonly pass: (text: string) => void) {}

  push(piece: string): void {
    const whole = this.held + piece;
    const keep = Math.min(this.redactor.unfinished(whole), whole.length);
    const sure = whole.slice(0, whole.length - keep);
    this.held = whole.slice(whole.length - keep);
    if (sure !== '') this.pass(this.redactor.clean(sure));
  }

  flush(): void {
    const rest = this.held;
    this.held = '';
    if (rest !== '') this.pass(this.redactor.clean(rest));
  }
}

/** Length of the longest beginning of `value`, short of the whole, that ends `text`. */
function overlap(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length > 0; length--) if (text.endsWith(value.slice(0, length))) return length;
  return 0;
}

function headersIn(value: string): string[] {
  return value.split('\n').map((line) => line.slice(line.indexOf(':') + 1).trim()).flatMap((header) => [header, ...header.split(/\s+/u)]);
}

function* passwordsOf(value: string): Iterable<string> {
  const password = /^\w+:\/\/[^/\s:@]*:([^/\s@]+)@/u.exec(value)?.[1];
  if (password !== undefined) yield password;
}
