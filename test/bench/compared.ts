import { median, spreadOf } from './median';
import { aligned, type JudgedRow, limitText, number, type SectionResult, spreadText } from './report';

/** What one run of a build measured of a section. */
export type Measured = SectionResult;

const NOT_MEASURED = 'not measured by it';

/**
 * A section of two builds as a table: the ratio of each, how it changed, the limit, and what it is a ratio of.
 * @param commit the earlier build, as it is named in the table
 */
export function compared(
  section: string,
  commit: string,
  before: readonly Measured[],
  now: readonly Measured[],
): string {
  const names = [...new Set([...now, ...before].flatMap(({ rows }) => rows.map(({ what }) => what)))];
  const cells = names.map((what) => {
    const [earlier, later] = [ratiosOf(before, what), ratiosOf(now, what)];
    const row = rowOf(now, what);
    const limit = row === undefined ? '' : limitText(row);
    return [ratioText(earlier), ratioText(later), changeText(earlier, later), limit, what];
  });
  const lines = aligned([[commit, 'now', 'change', 'limit', ''], ...cells]);
  return ['', section, ...lines, ...reasons(commit, before), ...reasons('now', now)].join('\n');
}

const rowOf = (runs: readonly Measured[], what: string): JudgedRow | undefined =>
  runs.flatMap(({ rows }) => rows).find((row) => row.what === what);

const ratiosOf = (runs: readonly Measured[], what: string): number[] =>
  runs.flatMap(({ rows }) => rows.filter((row) => row.what === what).map(({ ratio }) => ratio));

const ratioText = (ratios: readonly number[]): string =>
  ratios.length === 0 ? NOT_MEASURED : `${number(median(ratios))} ${spreadText(spreadOf(ratios))}`;

function changeText(before: readonly number[], now: readonly number[]): string {
  if (before.length === 0 || now.length === 0) return '';
  const percent = Math.round((median(now) / median(before) - 1) * 100);
  return `${percent > 0 ? '+' : ''}${percent} %`;
}

/** Why a build lacks a section. */
const reasons = (build: string, runs: readonly Measured[]): string[] =>
  [...new Set(runs.flatMap(({ error }) => error ?? []))].map((error) => `  ${build}: ${error}`);
