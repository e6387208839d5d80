/** Ways in which reviewers say that an issue belongs to no criterion. */
const NONE = new Set(['', '-', 'none', 'null', 'n/a', 'na', 'undefined']);

/**
 * The acceptance criterion that an issue maps to, or null. A form that nobody knows counts as one: it keeps the gate
 * shut.
 */
export function criterion(value: unknown): string | null {
  if (value === undefined || value === null || value === false) return null;
  const text = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).trim();
  return NONE.has(text.toLowerCase()) || text === '[]' ? null : text;
}
