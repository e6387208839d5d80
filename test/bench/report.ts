import * as fs from 'node:fs';
import * as path from 'node:path';
import { out } from '../support/paths';

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
}

/**
 * Prints a section as a table and leaves it in out/bench/<section>.json. @returns true when every row is within its
 * limit
 */
export function report(section: string, rows: readonly Row[]): boolean {
  const judged = rows.map((row) => {
    const ratio = row.ours / row.reference;
    return { ...row, ratio, within: ratio <= (row.limit ?? Infinity) && ratio >= (row.atLeast ?? 0) };
  });
  const width = Math.max(...rows.map(({ what }) => what.length));
  console.log(`\n${section}`);
  for (const { what, ours, reference, unit, ratio, limit, atLeast, within } of judged) {
    const aim = limit !== undefined ? `  (at most ${limit})` : atLeast !== undefined ? `  (at least ${atLeast})` : '';
    console.log(
      `  ${what.padEnd(width)}  ${number(ours)} / ${number(reference)} ${unit} = ` +
        `${number(ratio)}${aim}${within ? '' : '  MISSED'}`,
    );
  }
  const folder = path.join(out, 'bench');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(
    path.join(folder, `${section}.json`),
    `${JSON.stringify({ section, at: new Date().toISOString(), rows: judged }, null, 2)}\n`,
  );
  return judged.every(({ within }) => within);
}

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
