/** What a look gives, or null where it may not or cannot be had. */
export function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
