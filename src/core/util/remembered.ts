/**
 * Caches the answers of a pure function.
 * @param most maximum number of cached answers; when full, the cache is cleared
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
