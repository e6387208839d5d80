import { median, spreadOf } from './median';
import { aligned, type JudgedRow, limitText, number, type SectionResult, spreadText } from './report';

const NOT_MEASURED = 'not measured by it';

/**
 * A section of two builds as a table: the ratio of each, how it changed, the limit, and what it is a ratio of.
 * @param commit the earlier build, as it is named in the table
 */
export function compared(
  section: string,
  commit: string,
  before: readonly SectionResult[],
  now: readonly SectionResult[],
): string {
  const names = new Set([...now, ...before].flatMap((run) => namedRows(run).map(({ what }) => what)));
  const cells = [...names].map((what) => {
    const [earlier, later] = [rowsOf(before, what), rowsOf(now, what)];
    const [row] = later;
    const missed = later.some(({ within }) => !within) ? 'MISSED  ' : '';
    const limit = row === undefined ? '' : limitText(row);
    return [ratioText(earlier), ratioText(later), changeText(earlier, later), limit, missed + what];
  });
  const lines = aligned([[commit, 'now', 'change', 'limit', ''], ...cells]);
  return ['', section, ...lines, ...reasons(commit, before), ...reasons('now', now)].join('\n');
}

const rowsOf = (runs: readonly SectionResult[], what: string): JudgedRow[] =>
  runs.flatMap((run) => namedRows(run).filter((row) => row.what === what));

/** Rows with names of their own: the second "the same …" of a section gets a number. */
function namedRows({ rows }: SectionResult): JudgedRow[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const count = (seen.get(row.what) ?? 0) + 1;
    seen.set(row.what, count);
    return count === 1 ? row : { ...row, what: `${row.what} (${count})` };
  });
}

const middle = (rows: readonly JudgedRow[]): number => median(rows.map(({ ratio }) => ratio));

/** With the spread of the runs; of one run, with the spread that it saw itself. */
function ratioText(rows: readonly JudgedRow[]): string {
  if (rows.length === 0) return NOT_MEASURED;
  const spread = rows.length === 1 ? rows[0]?.spread : spreadOf(rows.map(({ ratio }) => ratio));
  return `${number(middle(rows))} ${spreadText(spread)}`.trimEnd();
}

function changeText(before: readonly JudgedRow[], now: readonly JudgedRow[]): string {
  if (before.length === 0 || now.length === 0) return '';
  const percent = Math.round((middle(now) / middle(before) - 1) * 100);
  return `${percent > 0 ? '+' : ''}${percent} %`;
}

/** Why a build lacks a section. */
const reasons = (build: string, runs: readonly SectionResult[]): string[] =>
  [...new Set(runs.flatMap(({ error }) => error ?? []))].map((error) => `  ${build}: ${error}`);
