/** The median; for an even number of values, the mean of the two middle ones. 0 without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}

/** The quartiles of the ratios, and their number. */
export interface Spread {
  readonly n: number;
  readonly low: number;
  readonly high: number;
}

/** The quartiles; for fewer than four values, the lowest and the highest. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  return { n, low: sorted[Math.floor(n / 4)] ?? 0, high: sorted[Math.ceil((3 * n) / 4) - 1] ?? 0 };
}

/** Our time and that of the reference, measured directly after each other. */
export interface Pair {
  readonly ours: number;
  readonly reference: number;
}

/** The pair with the median ratio, and the spread of all ratios. @throws if there is no pair */
export function middlePair(pairs: readonly Pair[]): Pair & { readonly spread: Spread } {
  const sorted = pairs.toSorted((a, b) => a.ours / a.reference - b.ours / b.reference);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return { ...middle, spread: spreadOf(sorted.map(({ ours, reference }) => ours / reference)) };
}
