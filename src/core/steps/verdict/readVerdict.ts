import type { Issue } from '../../artifacts/schemas';
import { reason } from '../../util/errors';
import { fenced } from '../prompts/promptParts';
import { doubledKey, type FoundObject, findJsonObjects, isObject, type JsonObject } from './findJson';
import { criterion, readSeverity, withIds } from './issues';
import { betweenTags, blanked, statements, withoutQuotations } from './statements';

/** A reviewer's decision and the issues found. */
export interface Verdict {
  readonly pass: boolean;
  readonly issues: readonly Issue[];
}

/** A verdict, or the reason why there is none. Without a verdict the step does not pass. */
export type VerdictReading =
  | {
      readonly ok: true;
      readonly verdict: Verdict;
      /** Sentences about irregularities and how they were interpreted. */
      readonly notices: readonly string[];
    }
  | { readonly ok: false; readonly why: string };

/** Maximum length of an answer, in UTF-16 units. Reviews are short, but an agent's answer may never end. */
const LONGEST = 500_000;

/** Text that may precede a verdict on the same line. */
const LABEL = /^(?:[\s*_#:=-]|\b(?:my|the|mine|final|here|is|verdict|answer|result|json|review)\b){0,40}$/iu;

/**
 * Reads a reviewer's verdict from the structured output if there is any, otherwise from the end of the text. The form
 * may vary, but doubt never makes a step pass: a missing or malformed part makes the verdict unreadable or becomes an
 * open issue, and a contradiction in the text makes the verdict unreadable. Never throws; takes linear time.
 */
export function readVerdict(text: string, structured?: unknown): VerdictReading {
  try {
    if (structured === undefined || structured === null) return fromText(text);
    return isObject(structured) ? fromObject(structured) : no('the structured verdict is not an object');
  } catch (error) {
    return no(`the verdict cannot be read (${reason(error)})`); // for example, it is nested too deeply for the stack
  }
}

function fromText(answer: string): VerdictReading {
  if (answer.length > LONGEST) return no(`the review is longer than ${LONGEST.toLocaleString('en')} characters`);
  const text = withoutQuotations(answer.replace(/^\uFEFF/u, '').replaceAll('\r\n', '\n'));
  const all = findJsonObjects(text);
  if (!all) return no('the review has too many braces to find a verdict between them');
  const quoted = betweenTags(text, all);
  const found = outside(all, quoted).filter(({ value }) =>
    Object.keys(value).some((key) => /^\s*(?:pass|issues)\s*$/iu.test(key)),
  );
  const last = found.at(-1);
  if (!last) return no('the review contains no verdict in the requested form, outside of quotations');
  if (!/^(?:`{3,}|~{3,})?$/u.test(text.slice(last.end).trim()))
    return no('something follows the verdict, which has to be the last thing');
  if (!LABEL.test(text.slice(text.lastIndexOf('\n', last.start) + 1, last.start)))
    return no('the verdict does not begin on its own line');
  const twice = doubledKey(text.slice(last.start, last.end));
  if (twice !== undefined) return no(`the verdict has "${twice.slice(0, 40)}" twice`);
  if (found.some(({ value }) => JSON.stringify(value) !== JSON.stringify(last.value)))
    return no('the review has more than one verdict, and they differ');
  const reading = fromObject(last.value);
  if (!reading.ok) return reading;
  const around = [...quoted, ...outside(all, quoted)].sort((a, b) => a.start - b.start);
  const verdicts = new Set(found);
  const others = outside(all, quoted)
    .filter((each) => !verdicts.has(each))
    .map(({ value }) => JSON.stringify(value));
  const { fails, passes } = statements([blanked(text, around), ...others].join('\n'));
  if (reading.verdict.pass && fails) return no('next to a verdict that passes, the review says that it does not');
  if (!reading.verdict.pass && passes) return no('next to a verdict that does not pass, the review says that it does');
  return reading;
}

/** Returns the objects outside the given ranges. Both lists are in text order. */
function outside(
  objects: readonly FoundObject[],
  stretches: readonly { readonly start: number; readonly end: number }[],
): FoundObject[] {
  let next = 0;
  return objects.filter(({ start }) => {
    while ((stretches[next]?.end ?? Infinity) <= start) next++;
    return !(stretches[next] && (stretches[next]?.start ?? Infinity) <= start);
  });
}

function no(why: string): VerdictReading {
  return { ok: false, why };
}

function fromObject(value: JsonObject): VerdictReading {
  const { pass, issues } = value;
  if (typeof pass !== 'boolean') return no('the verdict does not say "pass": true or false');
  if (!Array.isArray(issues)) return no('the verdict has no list of issues');
  const notices: string[] = [];
  const unknown = Object.keys(value).filter((key) => key !== 'pass' && key !== 'issues');
  // An unknown field may contradict the verdict.
  if (pass && statements(JSON.stringify(Object.fromEntries(unknown.map((key) => [key, value[key]])))).fails)
    return no('the verdict passes, and another field of it says that it does not');
  if (unknown.length > 0)
    notices.push(`The verdict has unknown fields (${unknown.slice(0, 5).join(', ')}); they were left out.`);
  return {
    ok: true,
    verdict: { pass, issues: withIds(issues.map((issue: unknown, index) => readIssue(issue, index, notices))) },
    notices,
  };
}

function readIssue(value: unknown, index: number, notices: string[]): Issue {
  if (!isObject(value)) {
    notices.push(`Issue ${index + 1} is not an object; it counts as a blocker.`);
    return {
      severity: 'blocker',
      file: '',
      hint: typeof value === 'string' && value.trim() !== '' ? value : JSON.stringify(value),
    };
  }
  const { severity, notice } = readSeverity(value['severity']);
  if (notice !== undefined) notices.push(`Issue ${index + 1}: ${notice}`);
  const hint = [value['hint'], value['message'], value['description'], value['title']].find(
    (text) => typeof text === 'string' && text.trim() !== '',
  );
  if (hint === undefined) notices.push(`Issue ${index + 1} says nothing; it counts anyway.`);
  const line = readLine(value['line']);
  return {
    severity,
    file: typeof value['file'] === 'string' ? value['file'] : '',
    hint: typeof hint === 'string' ? hint : '(the reviewer gave no hint)',
    maps_to: criterion(value['maps_to']),
    ...(line !== undefined && { line }),
  };
}

function readLine(value: unknown): number | undefined {
  const line =
    typeof value === 'number' ? value : typeof value === 'string' ? Number(/\d+/u.exec(value)?.[0]) : Number.NaN;
  return Number.isSafeInteger(line) && line > 0 ? line : undefined;
}

/**
 * Returns the text of `review.md`, from which the verdict can be read again. A text answer stays unchanged. For a
 * structured answer, the text is quoted and the verdict follows it, so that no other verdict is found in the text. A
 * structured verdict that is not valid is written in a form that stays unreadable.
 */
export function reviewDocument(answer: { readonly text: string; readonly structured?: unknown }): string {
  const { text, structured } = answer;
  if (structured === undefined || structured === null) return text;
  const shown = readVerdict(text, structured).ok ? structured : { pass: null, unreadable: structured };
  const quoted =
    text.trim() === '' || isSame(text, structured)
      ? ''
      : `${text
          .trim()
          .split(/\r\n|\r|\n/u)
          .map((line) => `> ${line}`)
          .join('\n')}\n\n`;
  return `${quoted}${fenced(JSON.stringify(shown, null, 2), 'json')}\n`;
}

/** Whether the text contains only the structured answer. */
function isSame(text: string, structured: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(structured);
  } catch {
    return false;
  }
}
