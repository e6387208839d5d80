/**
 * A longer name is no slip of the fingers, and of more names nobody wants one picked: comparing them all would take too
 * long.
 */
const MAX_LENGTH = 100;
const MAX_KNOWN = 200;

/** The known name that a mistyped one most likely means: at most a third of its letters away. */
export function nearest(typed: string, known: readonly string[]): string | null {
  if (typed.length > MAX_LENGTH || known.length > MAX_KNOWN) return null;
  let best: string | null = null;
  let least = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    if (name.length > MAX_LENGTH) continue;
    const away = distance(typed.toLowerCase(), name.toLowerCase());
    if (away < least) [best, least] = [name, away];
  }
  return best;
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours each count one. */
function distance(a: string, b: string): number {
  const rows: number[][] = [];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 0; i <= a.length; i++) {
    const row: number[] = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      if (i === 0) row[j] = j;
      else {
        row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
          row[j] = Math.min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return at(a.length, b.length);
}
