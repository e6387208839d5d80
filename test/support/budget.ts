import { deep } from './deep';

/**
 * How much the generated and random parts of the tests may take, in one place: where other tests need room, these
 * yield first. `most` is how many, `seconds` the wall clock after which the part ends and says how far it came.
 * The first number of a pair is that of `npm test`, the second that of `npm run test:deep`.
 */
const BUDGETS = {
  /** Random schedules of the lock, of each kind. */
  schedules: { most: [5_000, 100_000], seconds: [20, 120] },
  /** Sixteen real processes that fight for the lock. */
  torture: { most: [1, 1], seconds: [0, 20] },
  /** Random histories of a repository: what is captured against what a fresh process captures. */
  histories: { most: [3, 30], seconds: [15, 60] },
  /** Generated attacks of a scripted guest. */
  attacks: { most: [3, 24], seconds: [20, 120] },
} as const;

export type BudgetName = keyof typeof BUDGETS;

/** @returns what a part may take in this run; `seconds` of wall clock */
export function budget(name: BudgetName): { readonly most: number; readonly seconds: number } {
  const { most, seconds } = BUDGETS[name];
  return deep ? { most: most[1], seconds: seconds[1] } : { most: most[0], seconds: seconds[0] };
}

/** Says how much of its budget a part has used; `npm test` prints these lines at its end. */
export function spent(name: BudgetName, done: number, what: string): void {
  const { most } = budget(name);
  console.log(`[budget] ${name}: ${done} of ${most} ${what}${done < most ? ', ended by its time' : ''}`);
}
