import { wordSet } from '../../util/text';
import type { Language, Marker } from './languages';
import { closing, mask } from './mask';

/** Maximum number of tests read from one file. */
const MAX_CASES = 20_000;

/** Finds the tests in a file's text. Never throws; text that is not code of the language has no tests. */
export function readTests(text: string, language: Language): TestFile {
  const masked = mask(text, language.lexis);
  const cases: TestCase[] = [];
  const marks: Mark[] = [];
  for (const match of masked.matchAll(language.tests)) {
    if (cases.length >= MAX_CASES) break;
    const read =
      language.body === 'call' && language.lexis.script === true
        ? readScriptTest(text, masked, match.index, match[0])
        : { mark: null, test: plainTest(text, masked, language, match) };
    if (read.mark) marks.push(read.mark);
    if (read.test)
      cases.push({
        ...read.test,
        assertions: count(read.test.body, language.assertions),
        empty: isEmpty(read.test.body, language),
      });
  }
  for (const marker of language.markers)
    for (const match of masked.matchAll(marker.pattern)) {
      // A marker before the end of a test belongs to it: an attribute above the test, or a call in its body.
      const owner = cases.find(({ end }) => match.index < end);
      const early = owner !== undefined && firstIn(owner, masked, match.index, language);
      marks.push({
        kind: marker.kind,
        title: owner?.title ?? '',
        sometimes: marker.sometimes === true || (marker.inside === true && !early),
      });
    }
  return {
    cases,
    marks,
    assertions: count(masked, language.assertions),
    tables: count(masked, language.tables) + cases.filter(({ table }) => table).length,
  };
}

function plainTest(text: string, masked: string, language: Language, match: RegExpExecArray): Read | null {
  const from = match.index;
  const behind = from + match[0].length;
  const name = match.slice(1).find((group) => group !== undefined);
  const { start, end } = bodyOf(masked, language, from, behind);
  return { title: name ?? titleBehind(text, masked, behind), body: masked.slice(start, end), table: false, end };
}

function bodyOf(
  masked: string,
  language: Language,
  from: number,
  behind: number,
): { readonly start: number; readonly end: number } {
  if (language.body === 'indent') {
    const lineStart = masked.lastIndexOf('\n', from + 1) + 1;
    const depth = indent(masked.slice(from === 0 || masked[from] === '\n' ? from : lineStart));
    const lineEnd = after(masked, '\n', behind);
    let end = lineEnd;
    while (end < masked.length) {
      const next = after(masked, '\n', end);
      const line = masked.slice(end, next);
      if (line.trim() !== '' && indent(line) <= depth) break;
      end = next;
    }
    return { start: lineEnd, end };
  }
  const open = masked.indexOf(language.body === 'call' ? '(' : '{', behind);
  const semicolon = masked.indexOf(';', behind);
  // `[Fact] public void A() => x;` has no braces.
  if (open < 0 || (language.body === 'braces' && semicolon >= 0 && semicolon < open))
    return { start: behind, end: semicolon < 0 ? masked.length : semicolon };
  const end = closing(masked, open);
  return { start: open + 1, end };
}

const indent = (line: string): number => /^[ \t]*/u.exec(line)?.[0].length ?? 0;
const after = (text: string, mark: string, from: number): number => {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + 1;
};

/** Returns the title after an attribute or keyword: quoted text on the same line, or the name of the function. */
function titleBehind(text: string, masked: string, behind: number): string {
  const near = text.slice(behind, behind + 400);
  const quoted = /^[ \t(]*(["'])([^"'\n]{0,200})\1/u.exec(near);
  if (quoted) return quoted[2] ?? '';
  const code = masked.slice(behind, behind + 1_000);
  const macro = /^\s*\(\s*(\w+)\s*(?:,\s*(\w+)\s*)?\)/u.exec(code);
  if (macro) return [macro[1], macro[2]].filter((part) => part !== undefined).join('.');
  return (
    /\b(?:fn|fun|func|def|function)\s{1,20}`?(\w[\w ]{0,200}?)`?\s{0,20}[(<]/u.exec(code)?.[1] ??
    /(?<!\w)(\w{1,200})\s{0,20}\([^()]*\)\s{0,20}(?:throws[\w\s,.]{0,200})?(?:\{|=)/u.exec(code)?.[1] ??
    ''
  );
}

/** Whether only whitespace and braces precede a position in a test's body. */
function firstIn(owner: TestCase, masked: string, at: number, language: Language): boolean {
  const start = owner.end - owner.body.length;
  if (at < start) return true;
  const ahead = masked.slice(start, at);
  const opened = language.body === 'call' ? Math.max(ahead.indexOf('=>') + 2, ahead.indexOf('{') + 1) : 0;
  return ahead.slice(opened).replace(/[{\s]/gu, '') === '';
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

const LITERAL = String.raw`(?:true|false|null|nil|undefined|None|True|False|\d+|""|''|"[ ]+"|'[ ]+')`;
const ASSERTION = String.raw`(?<![\w$])[\w.$]{0,40}(?:assert|expect|Assert|ASSERT|EXPECT)\w{0,30}!?(?:\.\w{1,30})?`;
const OF_LITERALS = String.raw`\s?\(\s?${LITERAL}(?:,\s?${LITERAL})?\s?\)`;
const MATCHER = String.raw`(?:\.\w{1,30}){0,4}(?:\((?:${LITERAL})?\))?`;
/** Assertions that compare only literals, in any language: `expect(true).toBe(true)`, `assert True`. */
const TAUTOLOGY = new RegExp(String.raw`${ASSERTION}${OF_LITERALS}${MATCHER}|\bassert ${LITERAL}(?![\w.(])`, 'gu');

function isEmpty(body: string, language: Language): boolean {
  const code = functionBody(body, language);
  if (code === null) return false;
  const first = code.trimStart();
  if (/^return\b[ \t]*(?:;|\n|$)/u.test(first)) return true;
  const left = code.replace(/[ \t\r\n]+/gu, ' ').replace(TAUTOLOGY, '');
  return !/[\w$)\]>!?][ ]?[({]/u.test(left) && !/\b(?:assert|expect|throw|raise)\b|\.should/u.test(left);
}

/** Returns a test's code without its title and parameters; null if the code is elsewhere. */
function functionBody(body: string, language: Language): string | null {
  if (language.body !== 'call') return body;
  const found = /=>|\bfunction\b[^(]{0,80}\([^)]{0,200}\)/u.exec(body);
  if (found)
    return body
      .slice(found.index + found[0].length)
      .replace(/^\s*\{/u, '')
      .replace(/\}\s*(?:,\s*)?(?:\d+\s*)?$/u, '');
  const closure = /\([^()]{0,200}\)\s*(?:async\s*)?\{/u.exec(body);
  if (closure) return body.slice(closure.index + closure[0].length);
  // With a title alone, nothing is tested. With more arguments, the function is defined elsewhere.
  return body.includes(',') ? null : '';
}

const GROUPS = /^(?:x|f)?(?:describe|context|suite)$/u;
/** Methods of `test` that do not define tests. */
const OTHERS = wordSet(
  'beforeEach afterEach beforeAll afterAll step use setTimeout extend slow info expect configure override scoped',
);
const TABLES = new Set(['each', 'for']);
const CONDITIONAL = new Set(['skipIf', 'runIf']);
const SKIPPING = new Set(['skip', 'fixme', 'fail']);
const NOTHING = { mark: null, test: null } as const;

/**
 * Reads a call such as `it.skip('title', () => …)`, `test.each(table)('title', …)` or `describe.only(…)`.
 * @param at index of the call
 * @param word the name with its modifiers, such as `it.skip`
 */
export function readScriptTest(
  text: string,
  masked: string,
  at: number,
  word: string,
): { readonly mark: Mark | null; readonly test: Read | null } {
  const [name = '', ...modifiers] = word.trim().split('.');
  const has = (words: ReadonlySet<string>): boolean => modifiers.some((modifier) => words.has(modifier));
  if (has(OTHERS)) return NOTHING;
  const table = has(TABLES);
  const open = parenthesis(masked, at + word.trimEnd().length, table || has(CONDITIONAL));
  if (open === null) return NOTHING;
  const end = closing(masked, open);
  const inner = masked.slice(open + 1, end);
  const title = firstText(text, masked, open + 1, end);
  // `test.skip()` and `test.skip(condition, 'why')` occur inside a test.
  if (title === null && has(SKIPPING) && !/=>|\bfunction\b/u.test(inner))
    return { mark: { kind: 'skipped', title: '', sometimes: !/^\s*(?:true\s*(?:,|$)|$)/u.test(inner) }, test: null };
  const mark = markOf(name, modifiers, title ?? '');
  if (GROUPS.test(name) || modifiers.includes('describe') || name === 'pending') return { mark, test: null };
  const dynamic = table || title === null || title.includes('${');
  return { mark, test: { title: title ?? '', body: inner, table: dynamic, end } };
}

/**
 * Finds the parenthesis before a test's title, after type arguments and after a table or condition.
 * @param at index after the name
 * @param second whether a table or condition comes first
 * @returns its index; null if there is none
 */
function parenthesis(masked: string, at: number, second: boolean): number | null {
  let open = at;
  while (masked[open] === ' ' || masked[open] === '\n') open++;
  if (masked[open] === '<') open = masked.indexOf('(', open);
  if (second) open = masked.indexOf('(', masked[open] === '`' ? masked.indexOf('`', open + 1) : closing(masked, open));
  return masked[open] === '(' ? open : null;
}

function markOf(name: string, modifiers: readonly string[], title: string): Mark | null {
  const has = (...words: string[]): boolean => modifiers.some((modifier) => words.includes(modifier));
  if (/^x|^pending$/u.test(name) || has('skip', 'todo', 'fixme')) return { kind: 'skipped', title, sometimes: false };
  if (/^f(?:it|test|describe|context)$/u.test(name) || has('only')) return { kind: 'focused', title, sometimes: false };
  if (has('fails', 'failing', 'fail')) return { kind: 'expected to fail', title, sometimes: false };
  return has('skipIf', 'runIf') ? { kind: 'skipped', title, sometimes: true } : null;
}

/** Returns the source text of a call's first argument if it is a string literal; otherwise null. */
function firstText(text: string, masked: string, from: number, end: number): string | null {
  let at = from;
  while (at < end && /\s/u.test(masked[at] ?? '')) at++;
  const quote = masked[at];
  if (quote !== "'" && quote !== '"' && quote !== '`') return null;
  const close = masked.indexOf(quote, at + 1);
  return close < 0 || close > end ? null : text.slice(at + 1, close);
}

/** A test found in a file's text. */
export interface TestCase {
  readonly title: string;
  /** The test's body; comments and string literals are masked. */
  readonly body: string;
  readonly assertions: number;
  /** Whether it cannot fail: it has no call and no assertion, or only assertions that compare literals. */
  readonly empty: boolean;
  /** Whether it defines several tests, by a table or a computed title. */
  readonly table: boolean;
  readonly end: number;
}

/** A mark in a test file that skips or focuses tests, or expects them to fail. */
export interface Mark {
  readonly kind: Marker['kind'];
  /** Title of the marked test or group; empty if unknown. */
  readonly title: string;
  /** Whether it applies only under a condition. */
  readonly sometimes: boolean;
}

/** The tests found in a file's text, with the number of assertions and tables in the whole file. */
export interface TestFile {
  readonly cases: readonly TestCase[];
  readonly marks: readonly Mark[];
  readonly assertions: number;
  readonly tables: number;
}

export type Read = Omit<TestCase, 'assertions' | 'empty'>;
