/**
 * A pure function of a text that keeps its answers, so that asking again costs nothing. @param most answers that are
 * kept; beyond it all are forgotten
 */
export function remembered<T>(answer: (text: string) => T, most: number): (text: string) => T {
  const kept = new Map<string, T>();
  return (text) => {
    if (kept.has(text)) return kept.get(text) as T;
    if (kept.size >= most) kept.clear();
    const found = answer(text);
    kept.set(text, found);
    return found;
  };
}
