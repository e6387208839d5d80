import { deep } from './deep';

/**
 * The budgets of the generated and random tests; if other tests need more time, cut these first. `most` is the maximum
 * number of cases; after `seconds` of wall time the test ends and reports how far it got. The first number of a pair is
 * for `npm test`, the second for `npm run test:deep`.
 */
const BUDGETS = {
  /** Random schedules of the lock, per kind. */
  schedules: { most: [5_000, 100_000], seconds: [20, 120] },
  /** Sixteen real processes that fight for the lock. */
  torture: { most: [1, 1], seconds: [0, 20] },
  /** Random histories of a repository: compares a capture with that of a fresh process. */
  histories: { most: [3, 30], seconds: [15, 60] },
  /** Generated attacks of a scripted guest. */
  attacks: { most: [3, 24], seconds: [20, 120] },
} as const;

export type BudgetName = keyof typeof BUDGETS;

/** @returns the budget of a part in this run; `seconds` of wall time */
export function budget(name: BudgetName): { readonly most: number; readonly seconds: number } {
  const { most, seconds } = BUDGETS[name];
  return deep ? { most: most[1], seconds: seconds[1] } : { most: most[0], seconds: seconds[0] };
}

/** Reports how much of its budget a part has used; `npm test` prints these lines at the end. */
export function spent(name: BudgetName, done: number, what: string): void {
  const { most } = budget(name);
  console.log(`[budget] ${name}: ${done} of ${most} ${what}${done < most ? ', ended by its time' : ''}`);
}
