import { type Issue, SEVERITIES } from '../../artifacts/schemas';

/** How reviewers also say it. */
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

/** An unknown severity counts as a blocker: a person can waive it, but nothing slips through. */
export function readSeverity(value: unknown): { readonly severity: Issue['severity']; readonly notice?: string } {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const known = SEVERITIES.find((severity) => severity === text);
  if (known) return { severity: known };
  const shown = text === '' ? 'no severity' : `the unknown severity "${text.slice(0, 40)}"`;
  const severity = Object.hasOwn(SYNONYMS, text) ? (SYNONYMS[text] ?? 'blocker') : 'blocker';
  return { severity, notice: `it has ${shown}, which counts as ${severity}.` };
}

/** 0 is the gravest. */
export function rank(severity: Issue['severity']): number {
  return SEVERITIES.indexOf(severity);
}
