import { showName } from '../core/git/names';

/** @param at Unix time in ms @returns the age in its largest unit: "just now", "5 min ago", "3 days ago" */
export function ago(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return 'just now';
  const [amount, unit] =
    seconds < 3600 ? [seconds / 60, 'min'] : seconds < 86_400 ? [seconds / 3600, 'h'] : [seconds / 86_400, 'day'];
  const whole = Math.floor(amount);
  return `${whole} ${unit === 'day' && whole > 1 ? 'days' : unit} ago`;
}

/** @returns the parts that are not empty, joined by the separator */
export function joined(parts: readonly string[], separator = ' · '): string {
  return parts.filter((part) => part !== '').join(separator);
}

/** The name part of a run's id, which follows date and time. */
export function runName(runId: string): string {
  return runId.replace(/^\d{8}-\d{6}-/u, '');
}

/** @returns "1 issue", "2 issues", "no issues" */
export function counted(n: number, noun: string): string {
  return `${n === 0 ? 'no' : n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Words for a message about left-out files, which are large or look like secrets; empty when there is none. */
export function leftOutWords({ leftOut = [] }: { readonly leftOut?: readonly string[] }): string {
  if (leftOut.length === 0) return '';
  const more = leftOut.length > 3 ? ` and ${leftOut.length - 3} more` : '';
  return (
    ` Left out: ${leftOut.slice(0, 3).map(showName).join(', ')}${more}; large files and those that look like ` +
    'secrets come in with "git add".'
  );
}
