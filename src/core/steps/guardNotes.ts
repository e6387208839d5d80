import type { GuardReport } from '../guard';
import type { Iteration } from './work';

/** So many names of files are told; the guard's log has the rest. */
const MOST_NAMED = 5;

/**
 * Keeps what the guard saw of a guest with the iteration that it worked for, in memory until the next save.
 * @param label how a sentence about the guest begins
 */
export function noteGuard(it: Iteration, label: string, report: GuardReport): void {
  const { guard, ignored, notices } = it.progress;
  const told = [...report.violations, ...report.warnings, ...ignoredBy(label, report.ignored)];
  it.progress = {
    ...it.progress,
    guard: {
      mode: report.mode === 'prevented' && (guard?.mode ?? 'prevented') === 'prevented' ? 'prevented' : 'noticed',
      opted: report.opted || (guard?.opted ?? false),
    },
    ignored: [...new Set([...ignored, ...report.ignored])],
    notices: [...new Set([...notices, ...told])],
  };
}

/** No tree holds such files, so that neither the review nor the commit can show them. */
function ignoredBy(label: string, files: readonly string[]): string[] {
  if (files.length === 0) return [];
  const more = files.length > MOST_NAMED ? ` and ${files.length - MOST_NAMED} more` : '';
  return [`${label} wrote files that are not part of the changes, as git ignores them or Weld leaves them out: ${files.slice(0, MOST_NAMED).join(', ')}${more}.`];
}
