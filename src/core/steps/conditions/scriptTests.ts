import { closing } from './mask';
import type { Mark, Read } from './testFile';

const GROUPS = /^(?:x|f)?(?:describe|context|suite)$/u;
/** Called on `test` without being tests. */
const OTHERS = new Set([
  'beforeEach',
  'afterEach',
  'beforeAll',
  'afterAll',
  'step',
  'use',
  'setTimeout',
  'extend',
  'slow',
  'info',
  'expect',
  'configure',
  'override',
  'scoped',
]);
const TABLES = new Set(['each', 'for']);
const CONDITIONAL = new Set(['skipIf', 'runIf']);

/**
 * Reads a call such as `it.skip('title', () => …)`, `test.each(table)('title', …)` or `describe.only(…)`.
 * @param at where it begins @param word the name with what follows by dots
 */
export function readScriptTest(
  text: string,
  masked: string,
  at: number,
  word: string,
): { readonly mark: Mark | null; readonly test: Read | null } {
  const [name = '', ...modifiers] = word.trim().split('.');
  const nothing = { mark: null, test: null } as const;
  if (modifiers.some((modifier) => OTHERS.has(modifier))) return nothing;
  let open = at + word.trimEnd().length;
  while (masked[open] === ' ' || masked[open] === '\n') open++;
  if (masked[open] === '<') open = masked.indexOf('(', open);
  const table = modifiers.some((modifier) => TABLES.has(modifier));
  if (table || modifiers.some((modifier) => CONDITIONAL.has(modifier))) {
    open = masked.indexOf('(', masked[open] === '`' ? masked.indexOf('`', open + 1) : closing(masked, open));
  }
  if (open < 0 || masked[open] !== '(') return nothing;
  const end = closing(masked, open);
  const inner = masked.slice(open + 1, end);
  const title = firstText(text, masked, open + 1, end);
  const group = GROUPS.test(name) || modifiers.includes('describe');
  // `test.skip()` and `test.skip(condition, 'why')` stand inside of a test.
  if (
    title === null &&
    modifiers.some((modifier) => ['skip', 'fixme', 'fail'].includes(modifier)) &&
    !/=>|\bfunction\b/u.test(inner)
  )
    return { mark: { kind: 'skipped', title: '', sometimes: !/^\s*(?:true\s*(?:,|$)|$)/u.test(inner) }, test: null };
  const mark = markOf(name, modifiers, title ?? '');
  if (group || name === 'pending') return { mark, test: null };
  const dynamic = table || title === null || title.includes('${');
  return { mark, test: { title: title ?? '', body: inner, table: dynamic, end } };
}

function markOf(name: string, modifiers: readonly string[], title: string): Mark | null {
  const has = (...words: string[]): boolean => modifiers.some((modifier) => words.includes(modifier));
  if (/^x|^pending$/u.test(name) || has('skip', 'todo', 'fixme')) return { kind: 'skipped', title, sometimes: false };
  if (/^f(?:it|test|describe|context)$/u.test(name) || has('only')) return { kind: 'focused', title, sometimes: false };
  if (has('fails', 'failing', 'fail')) return { kind: 'expected to fail', title, sometimes: false };
  return has('skipIf', 'runIf') ? { kind: 'skipped', title, sometimes: true } : null;
}

/** The text that is a call's first argument, as it is written; null when that is something else. */
function firstText(text: string, masked: string, from: number, end: number): string | null {
  let at = from;
  while (at < end && /\s/u.test(masked[at] ?? '')) at++;
  const quote = masked[at];
  if (quote !== "'" && quote !== '"' && quote !== '`') return null;
  const close = masked.indexOf(quote, at + 1);
  return close < 0 || close > end ? null : text.slice(at + 1, close);
}
