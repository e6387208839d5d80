import type { Spread } from './median';

/** Two quantities of the same run. What counts is their ratio: a busy machine slows both. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  /** The anchor that the row is compared with. */
  readonly reference: number;
  readonly unit: string;
  /** What the ratio ours / reference is meant to stay within. */
  readonly limit?: number;
  /** What the ratio is meant to reach at least, where more is better. */
  readonly atLeast?: number;
  /** Of the ratio, where it was measured several times. */
  readonly spread?: Spread;
  /** Lines for the file that are too many for a terminal. */
  readonly details?: readonly string[];
}

export interface JudgedRow extends Row {
  readonly ratio: number;
  readonly within: boolean;
}

/** What came of a section: its rows, or why there are none. */
export interface SectionResult {
  readonly rows: readonly JudgedRow[];
  readonly error?: string;
  readonly seconds: number;
  /** Mean number of processes that wanted a processor, in the last minute: before and after. */
  readonly load: readonly [number, number];
}

export function judge(row: Row): JudgedRow {
  const ratio = row.ours / row.reference;
  return { ...row, ratio, within: ratio <= (row.limit ?? Infinity) && ratio >= (row.atLeast ?? 0) };
}

/** True when a section was measured and each of its rows is within its limit. */
export const isWithin = ({ rows, error }: SectionResult): boolean =>
  error === undefined && rows.every(({ within }) => within);

/** A section as a table: the ratio, where half of the ratios lay, the limit, both quantities, and what they are. */
export function table(section: string, { rows, error, seconds, load }: SectionResult): string {
  const cells = rows.map((row) => [
    number(row.ratio),
    spreadText(row.spread),
    limitText(row),
    `${number(row.ours)} / ${number(row.reference)} ${row.unit}`.trimEnd(),
    row.within ? row.what : `MISSED  ${row.what}`,
  ]);
  const failed = error === undefined ? [] : [`  not measured: ${error}`];
  const title = `${section} (${Math.round(seconds)} s, load ${load.map((one) => one.toFixed(1)).join(' → ')})`;
  return ['', title, ...aligned(cells), ...failed].join('\n');
}

/** Lines of columns as wide as their widest cell; the last one is as long as it likes. */
export function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
}

export const spreadText = (spread: Spread | undefined): string =>
  spread === undefined ? '' : `[${number(spread.low)}–${number(spread.high)}, n=${spread.n}]`;

export const limitText = ({ limit, atLeast }: Row): string =>
  limit !== undefined ? `≤ ${limit}` : atLeast !== undefined ? `≥ ${atLeast}` : '';

export const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
