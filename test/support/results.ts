import * as fs from 'node:fs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Reads the result file of vitest's json reporter or of test/host/runner.ts. @returns undefined when there is none to read */
export function readResult(file: string): Counts | undefined {
  let parsed: Partial<Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests' | 'passed' | 'failed' | 'skipped', number>>;
  try {
    parsed = JSON.parse(fs.readFileSync(file, 'utf8')) as typeof parsed;
  } catch {
    return undefined;
  }
  const passed = parsed.passed ?? parsed.numPassedTests;
  const failed = parsed.failed ?? parsed.numFailedTests;
  if (passed === undefined || failed === undefined) return undefined;
  return { passed, failed, skipped: parsed.skipped ?? (parsed.numPendingTests ?? 0) + (parsed.numTodoTests ?? 0) };
}

/** What a suite counts for: one that ended badly, or ran nothing, has a failure even when no test says so. */
export function judge(result: Counts | undefined, exitCode: number): Counts {
  const seen = result ?? { passed: 0, failed: 0, skipped: 0 };
  const bad = exitCode !== 0 || seen.passed + seen.failed === 0;
  return bad && seen.failed === 0 ? { ...seen, failed: 1 } : seen;
}

export const add = (one: Counts, other: Counts): Counts => ({ passed: one.passed + other.passed, failed: one.failed + other.failed, skipped: one.skipped + other.skipped });

/** The plain line that ends a test run. */
export const line = (counts: Counts): string => `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;
