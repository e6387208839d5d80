import type { GuardReport } from '../guard';
import type { Iteration } from './work';

/** Keeps what the guard saw of a guest with the iteration that it worked for, in memory until the next save. */
export function noteGuard(it: Iteration, report: GuardReport): void {
  const { guard, notices } = it.progress;
  const told = [...report.violations, ...report.warnings];
  it.progress = {
    ...it.progress,
    guard: {
      mode: report.mode === 'prevented' && (guard?.mode ?? 'prevented') === 'prevented' ? 'prevented' : 'noticed',
      opted: report.opted || (guard?.opted ?? false),
    },
    notices: [...new Set([...notices, ...told])],
  };
}
