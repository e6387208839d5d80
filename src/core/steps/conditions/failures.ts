import { createHash } from 'node:crypto';
import type { CheckResult } from '../../artifacts/schemas';

/** The condition under which known failures of checks are waived. */
export const CHECKS = 'checks_passed';

/**
 * Tells a check's failure from every other: its category, how it ended, and what it said. Null where the output was not
 * kept
 * whole, so that nobody can tell.
 */
export function failureKey(result: CheckResult): string | null {
  if (result.signature === undefined) return null;
  return createHash('sha256')
    .update([result.category, result.exit_code, result.signature].join('\0'))
    .digest('hex')
    .slice(0, 12);
}
