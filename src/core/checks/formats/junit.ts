/** A failing test of a JUnit report. */
export interface FailedCase {
  /** What the test printed: mostly a message and a stack. */
  readonly text: string;
  readonly message: string;
  /** The file that the report names; '' if it names none. */
  readonly file: string;
  /** From 1, as digits; '' if it names none. */
  readonly line: string;
}

const START = '<testsuite';
const END = '</testsuite';
/** Maximum number of failing tests read from one report. */
const MOST_CASES = 1_000;
/** Maximum number of characters of a tag or a failure that are read. */
const MOST_TAG = 20_000;

/** Cuts a printed JUnit report out of a text. @returns the report, '' if there is none, and the text around it */
export function cutReport(text: string): { readonly report: string; readonly rest: string } {
  const start = text.indexOf(START);
  const end = text.lastIndexOf(END);
  if (start < 0 || end < start) return { report: '', rest: text };
  const line = text.indexOf('>', end);
  return {
    report: text.slice(start, line < 0 ? text.length : line + 1),
    rest: `${text.slice(0, start)}\n${line < 0 ? '' : text.slice(line + 1)}`,
  };
}

/** The failing tests of a JUnit report, in its order. */
export function failedCases(report: string): readonly FailedCase[] {
  const cases: FailedCase[] = [];
  // pytest counts lines from 0.
  const first = report.slice(0, 4_000).includes('name="pytest"') ? 0 : 1;
  const parts = report.split('<testcase');
  for (const part of parts.slice(1)) {
    if (cases.length >= MOST_CASES) break;
    const failed = failureIn(part);
    if (!failed) continue;
    const attributes = tagAt(part, 0);
    const line = valueOf(attributes, 'line');
    cases.push({
      ...failed,
      file: valueOf(attributes, 'file'),
      line: /^\d{1,9}$/u.test(line) ? String(Number(line) + 1 - first) : '',
    });
  }
  return cases;
}

/** @param part from the attributes of a test on */
function failureIn(part: string): Pick<FailedCase, 'text' | 'message'> | undefined {
  const starts = ['<failure', '<error'].map((tag) => part.indexOf(tag)).filter((at) => at >= 0);
  if (starts.length === 0 || part.includes('<skipped')) return undefined;
  const start = Math.min(...starts);
  const tag = tagAt(part, start);
  const body = start + tag.length + 1;
  const end = part.indexOf('</', body);
  const inside = tag.endsWith('/') ? '' : part.slice(body, end < 0 ? body + MOST_TAG : Math.min(end, body + MOST_TAG));
  return { text: contentOf(inside), message: valueOf(tag, 'message') };
}

/** A tag's text up to before its end; `>` may stand in a value. */
function tagAt(text: string, start: number): string {
  let quote = '';
  const most = Math.min(text.length, start + MOST_TAG);
  for (let at = start; at < most; at++) {
    const sign = text.charAt(at);
    if (quote !== '') quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '>') return text.slice(start, at);
  }
  return text.slice(start, most);
}

/** The value of an attribute; '' if there is none. */
function valueOf(tag: string, name: string): string {
  for (const quote of ['"', "'"]) {
    const start = tag.indexOf(` ${name}=${quote}`);
    if (start < 0) continue;
    const from = start + name.length + 3;
    const end = tag.indexOf(quote, from);
    return decoded(tag.slice(from, end < 0 ? tag.length : end));
  }
  return '';
}

/** The text of an element, whose CDATA is taken as it is. */
function contentOf(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('<![CDATA[')) return decoded(text);
  const end = trimmed.indexOf(']]>');
  return trimmed.slice('<![CDATA['.length, end < 0 ? trimmed.length : end);
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(
    /&(?:#(?<decimal>\d{1,7})|#x(?<hex>[0-9a-f]{1,6})|(?<name>lt|gt|amp|quot|apos));/giu,
    (...match) => {
      const { decimal, hex, name } = match.at(-1) as Partial<Record<string, string>>;
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? '';
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
    },
  );
}
