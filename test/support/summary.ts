import * as fs from 'node:fs';
import * as path from 'node:path';
import { root } from './paths';
import type { TimedTest } from './results';

export interface Took {
  readonly name: string;
  readonly wallSeconds: number;
  /** CPU seconds if the system reports them, else wall seconds, as a ratio to the anchor of the same run. */
  readonly ratio: number;
}

/** The stored cost of each suite; `npm test -- --keep` writes it. Ratios, so that they apply to other machines too. */
const KEPT = path.join(root, 'test/support/ratios.json');
/** A suite that grew by more than this is reported. */
const GROWN = 1.2;

/** The stored ratios, by suite. */
export const kept = (): Record<string, number> =>
  fs.existsSync(KEPT) ? (JSON.parse(fs.readFileSync(KEPT, 'utf8')) as Record<string, number>) : {};

/** The lines after all suites: the slowest tests, the cost of each suite, and those that grew. */
export function summary(
  took: readonly Took[],
  tests: readonly TimedTest[],
  budgets: readonly string[],
  before: Readonly<Record<string, number>>,
): string[] {
  const slowest = tests.toSorted((a, b) => b.ms - a.ms).slice(0, 10);
  const grown = took.filter(({ name, ratio }) => ratio > (before[name] ?? Infinity) * GROWN);
  return [
    'The ten slowest tests:',
    ...slowest.map(({ name, ms }) => `  ${(ms / 1000).toFixed(1).padStart(6)} s  ${name}`),
    'What each suite took, in seconds and as a ratio to a fixed piece of work of this run:',
    ...took.map(
      ({ name, wallSeconds, ratio }) =>
        `  ${String(Math.round(wallSeconds)).padStart(5)} s  ${ratio.toFixed(1).padStart(6)}  ` +
        `${name}${before[name] === undefined ? '' : ` (kept: ${before[name]})`}`,
    ),
    ...budgets,
    ...grown.map(
      ({ name, ratio }) =>
        `Warning: "${name}" took ${ratio.toFixed(1)} times the fixed work; it was ${before[name] ?? 0}. Look ` +
        'what grew, or keep it with npm test -- --keep.',
    ),
  ];
}

/** Stores the ratios of this run, to compare later ones with. */
export function keepRatios(took: readonly Took[]): void {
  const all = { ...kept(), ...Object.fromEntries(took.map(({ name, ratio }) => [name, Math.round(ratio * 10) / 10])) };
  fs.writeFileSync(KEPT, `${JSON.stringify(all, null, 2)}\n`);
}
