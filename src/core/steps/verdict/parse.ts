import type { Issue } from '../../artifacts/schemas';
import { findJsonObjects, isObject, type JsonObject } from './json';
import { criterion } from './criterion';
import { withIds } from './issueId';
import { readSeverity } from './severity';

export interface Verdict {
  readonly pass: boolean;
  readonly issues: readonly Issue[];
}

/** A verdict, or why there is none: then the step does not pass. */
export type VerdictReading =
  | { readonly ok: true; readonly verdict: Verdict; /** What was odd and how it was taken, as sentences. */ readonly notices: readonly string[] }
  | { readonly ok: false; readonly why: string };

/** A verdict that begins and never ends: what stands before it is then a draft or an example, never the answer. */
const BROKEN_OFF = /"(?:pass|issues)"\s*:/u;

/**
 * Reads a reviewer's verdict: the structured output where there is one, else the last verdict object in the text.
 * Lenient in form, never towards passing: whatever is missing or of the wrong kind makes it unreadable or an open issue.
 */
export function readVerdict(text: string, structured?: unknown): VerdictReading {
  if (structured !== undefined && structured !== null)
    return isObject(structured) ? fromObject(structured) : { ok: false, why: 'the structured verdict is not an object' };
  const last = findJsonObjects(text).findLast(({ value }) => 'pass' in value || 'issues' in value);
  if (!last) return { ok: false, why: 'the review contains no verdict' };
  if (BROKEN_OFF.test(text.slice(last.end))) return { ok: false, why: 'the verdict breaks off' };
  return fromObject(last.value);
}

function fromObject(value: JsonObject): VerdictReading {
  const { pass, issues } = value;
  if (typeof pass !== 'boolean') return { ok: false, why: 'the verdict does not say "pass": true or false' };
  if (!Array.isArray(issues)) return { ok: false, why: 'the verdict has no list of issues' };
  const notices: string[] = [];
  const unknown = Object.keys(value).filter((key) => key !== 'pass' && key !== 'issues');
  if (unknown.length > 0) notices.push(`The verdict has unknown fields (${unknown.slice(0, 5).join(', ')}); they were left out.`);
  return { ok: true, verdict: { pass, issues: withIds(issues.map((issue: unknown, index) => readIssue(issue, index, notices))) }, notices };
}

function readIssue(value: unknown, index: number, notices: string[]): Issue {
  if (!isObject(value)) {
    notices.push(`Issue ${index + 1} is not an object; it counts as a blocker.`);
    return { severity: 'blocker', file: '', hint: typeof value === 'string' && value.trim() !== '' ? value : JSON.stringify(value) };
  }
  const { severity, notice } = readSeverity(value['severity']);
  if (notice !== undefined) notices.push(`Issue ${index + 1}: ${notice}`);
  const hint = [value['hint'], value['message'], value['description'], value['title']].find((text) => typeof text === 'string' && text.trim() !== '');
  if (hint === undefined) notices.push(`Issue ${index + 1} says nothing; it counts all the same.`);
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
  const line = typeof value === 'number' ? value : typeof value === 'string' ? Number(/\d+/u.exec(value)?.[0]) : Number.NaN;
  return Number.isSafeInteger(line) && line > 0 ? line : undefined;
}
