import { type FileChange, isGone, isNew, textOf } from './types';

/** How much of the longer file's lines two files share to count as one that was moved. */
const ALIKE = 0.6;
/** So many candidates of a side are compared; beyond, only equal files count as moved. */
const MAX_COMPARED = 50;

/** Deleted files that stand elsewhere now, by their old path. @returns old path → new path */
export function movedFiles(changes: readonly FileChange[]): ReadonlyMap<string, string> {
  const gone = changes.filter(isGone);
  const fresh = changes.filter(isNew);
  const moved = new Map<string, string>();
  const taken = new Set<string>();
  const pair = (from: FileChange, to: FileChange): void => {
    moved.set(from.path, to.path);
    taken.add(to.path);
  };
  for (const from of gone) {
    const same = fresh.find((to) => !taken.has(to.path) && from.beforeId !== null && from.beforeId === to.afterId);
    if (same) pair(from, same);
  }
  const left = gone.filter(({ path }) => !moved.has(path));
  if (left.length > MAX_COMPARED || fresh.length > MAX_COMPARED) return moved;
  const lines = new Map(fresh.map((to) => [to.path, linesOf(textOf(to.after))]));
  for (const from of left) {
    const own = linesOf(textOf(from.before));
    if (own.length === 0) continue;
    const [best] = fresh
      .filter((to) => !taken.has(to.path) && extension(to.path) === extension(from.path))
      .map((to) => ({ to, alike: shared(own, lines.get(to.path) ?? []) }))
      .filter(({ alike }) => alike >= ALIKE)
      .sort((a, b) => b.alike - a.alike);
    if (best) pair(from, best.to);
  }
  return moved;
}

const extension = (path: string): string => /\.\w+$/u.exec(path)?.[0] ?? '';

function linesOf(text: string | null): readonly string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length > 3);
}

/** The share of the longer file's lines that both have. */
function shared(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const line of a) counts.set(line, (counts.get(line) ?? 0) + 1);
  let both = 0;
  for (const line of b) {
    const count = counts.get(line) ?? 0;
    if (count === 0) continue;
    counts.set(line, count - 1);
    both++;
  }
  return both / Math.max(a.length, b.length, 1);
}
