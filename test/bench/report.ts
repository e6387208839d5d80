import type { Spread } from './median';

/** Two measurements of the same run. Their ratio counts: a busy machine slows both. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  /** The reference that the row is compared with. */
  readonly reference: number;
  readonly unit: string;
  /** Maximum of the ratio ours / reference. */
  readonly limit?: number;
  /** Minimum of the ratio, if more is better. */
  readonly atLeast?: number;
  /** The spread of the ratio, if it was measured several times. */
  readonly spread?: Spread;
  /** Lines for the file only, too many for a terminal. */
  readonly details?: readonly string[];
}

export interface JudgedRow extends Row {
  readonly ratio: number;
  readonly within: boolean;
}

/** The result of a section: its rows, or why there are none. */
export interface SectionResult {
  readonly rows: readonly JudgedRow[];
  readonly error?: string;
  readonly seconds: number;
  /** Load average of the last minute, before and after. */
  readonly load: readonly [number, number];
}

export function judge(row: Row): JudgedRow {
  const ratio = row.ours / row.reference;
  return { ...row, ratio, within: ratio <= (row.limit ?? Infinity) && ratio >= (row.atLeast ?? 0) };
}

/** Whether a section was measured and all its rows are within their limits. */
export const isWithin = ({ rows, error }: SectionResult): boolean =>
  error === undefined && rows.every(({ within }) => within);

/** Formats a section as a table: the ratio, its quartiles, the limit, both measurements, and their names. */
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

/** Aligns columns to their widest cells, except the last one. */
export function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
}

export const spreadText = (spread: Spread | undefined): string =>
  spread === undefined ? '' : `[${number(spread.low)}–${number(spread.high)}, n=${spread.n}]`;

export const limitText = ({ limit, atLeast }: Row): string =>
  limit !== undefined ? `≤ ${limit}` : atLeast !== undefined ? `≥ ${atLeast}` : '';

export const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
