import { Minimatch } from 'minimatch';
import { remembered } from '../../remembered';

/** A longer pattern is nobody's; it matches nothing. In UTF-16 units. */
const MAX_PATTERN = 500;

/**
 * Patterns come from plans and settings: no negation that would turn one into its opposite, no comments, bounded work.
 */
const OPTIONS = {
  dot: true,
  nocase: true,
  nonegate: true,
  nocomment: true,
  noext: true,
  maxGlobstarRecursion: 20,
  optimizationLevel: 2,
} as const;

/**
 * Whether a pattern covers a file: one without a slash in every folder, one that ends with a slash all that is below,
 * as `.gitignore` reads them.
 * @param path relative to the top, forward slashes
 */
export function covers(pattern: string, path: string): boolean {
  const clean = pattern.trim().replace(/^\.?\//u, '');
  if (clean === '' || clean.length > MAX_PATTERN) return false;
  if (clean.endsWith('/')) return covers(`${clean}**`, path);
  return compiled(clean.includes('/') ? clean : `**/${clean}`).match(path);
}

/** A plan's patterns are asked for every changed file. */
const compiled = remembered((pattern) => new Minimatch(pattern, OPTIONS), 5_000);

export const isGlob = (text: string): boolean => /[*?{[]/u.test(text);
