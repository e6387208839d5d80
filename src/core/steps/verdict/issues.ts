import { createHash } from 'node:crypto';
import { type Issue, SEVERITIES } from '../../artifacts/schemas';

/** Other words that reviewers use for severities. */
const SYNONYMS: Readonly<Record<string, Issue['severity']>> = {
  critical: 'blocker',
  blocking: 'blocker',
  high: 'blocker',
  error: 'blocker',
  fatal: 'blocker',
  medium: 'major',
  moderate: 'major',
  warning: 'major',
  low: 'minor',
  trivial: 'minor',
  nit: 'minor',
  info: 'minor',
  suggestion: 'minor',
};

/** Reads a severity. An unknown one counts as a blocker, so nothing is missed; a person can still waive the issue. */
export function readSeverity(value: unknown): { readonly severity: Issue['severity']; readonly notice?: string } {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const known = SEVERITIES.find((severity) => severity === text);
  if (known) return { severity: known };
  const shown = text === '' ? 'no severity' : `the unknown severity "${text.slice(0, 40)}"`;
  const severity = Object.hasOwn(SYNONYMS, text) ? (SYNONYMS[text] ?? 'blocker') : 'blocker';
  return { severity, notice: `it has ${shown}, which counts as ${severity}.` };
}

/** Returns the rank of a severity; 0 is the most severe. */
export function rank(severity: Issue['severity']): number {
  return SEVERITIES.indexOf(severity);
}

/** Values that reviewers use if an issue belongs to no criterion. */
const NONE = new Set(['', '-', 'none', 'null', 'n/a', 'na', 'undefined']);

/**
 * Returns the acceptance criterion that an issue maps to, or null. A value of unknown form counts as a criterion, so it
 * keeps the gate shut.
 */
export function criterion(value: unknown): string | null {
  if (value === undefined || value === null || value === false) return null;
  const text = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).trim();
  return NONE.has(text.toLowerCase()) || text === '[]' ? null : text;
}

/**
 * Returns an id that stays the same from one iteration to the next. It depends on file, criterion and hint, but not on
 * details that vary (case, spacing, punctuation, line numbers, severity).
 */
export function issueId(issue: Pick<Issue, 'file' | 'hint' | 'maps_to'>): string {
  const file = issue.file
    .trim()
    .replace(/\\/gu, '/')
    .replace(/^(?:\.\/)+/u, '')
    .replace(/:\d+(?::\d+)?$/u, '');
  const parts = [file, words(criterion(issue.maps_to) ?? ''), words(issue.hint)];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
}

/** Gives each issue an id that is unique in its list. Issues with the same text get a number in list order. */
export function withIds(issues: readonly Issue[]): Issue[] {
  const seen = new Map<string, number>();
  return issues.map((issue) => {
    const id = issueId(issue);
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return { ...issue, id: count === 1 ? id : `${id}-${count}` };
  });
}

function words(text: string): string {
  return text
    .toLowerCase()
    .replace(/\b(?:lines?|l)\s*\d+(?:\s*[-–]\s*\d+)?/gu, ' ')
    .replace(/:\d+(?::\d+)?/gu, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

export function isWaived(issue: Issue): boolean {
  return issue.waived !== undefined && issue.waived !== null;
}

/** Returns the issues that are not waived. */
export function open(issues: readonly Issue[]): Issue[] {
  return issues.filter((issue) => !isWaived(issue));
}

/**
 * Copies waivers of earlier issues to the same issues, unless an issue has become more severe than the waived one.
 * @param earlier the latest report of each earlier issue
 */
export function carryWaivers(issues: readonly Issue[], earlier: readonly Issue[]): Issue[] {
  const waived = new Map(earlier.filter(isWaived).map((issue) => [issue.id, issue]));
  return issues.map((issue) => {
    const before = issue.id === undefined ? undefined : waived.get(issue.id);
    return before?.waived && rank(issue.severity) >= rank(before.severity)
      ? { ...issue, waived: before.waived }
      : issue;
  });
}
