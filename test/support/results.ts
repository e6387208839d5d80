import * as fs from 'node:fs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface TimedTest {
  readonly name: string;
  readonly ms: number;
}

/** The content of a suite's result file. */
export interface Result extends Counts {
  readonly tests: readonly TimedTest[];
  /** A few lines per failure: the test and its message. */
  readonly failures: readonly string[];
}

interface Told {
  readonly fullName: string;
  readonly duration?: number | null;
  readonly status?: string;
  readonly failureMessages?: readonly string[] | null;
}

/** Maximum number of lines shown per failure: the expectation and its location. */
const SHOWN_LINES = 6;

interface Written
  extends Partial<
    Record<
      'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests' | 'passed' | 'failed' | 'skipped',
      number
    >
  > {
  readonly tests?: readonly TimedTest[];
  readonly failures?: readonly string[];
  readonly testResults?: readonly {
    readonly name?: string;
    readonly status?: string;
    readonly message?: string;
    readonly assertionResults?: readonly Told[];
  }[];
}

/** Shortens a failure. */
export const failure = (name: string, message: string): string =>
  [name, ...message.split('\n').slice(0, SHOWN_LINES)].join('\n    ');

/** Vitest's messages about failed tests and about files that failed to load. */
function toldFailures(written: Written): string[] {
  return (written.testResults ?? []).flatMap(({ name = '', status, message = '', assertionResults = [] }) => {
    const failed = assertionResults
      .filter((each) => each.status === 'failed')
      .map((each) => failure(each.fullName, (each.failureMessages ?? []).join('\n')));
    return failed.length === 0 && status === 'failed' ? [failure(name, message)] : failed;
  });
}

/**
 * Reads the result file of vitest's json reporter or of test/host/runner.ts. @returns undefined if it cannot be read
 */
export function readResult(file: string): Result | undefined {
  let parsed: Written;
  try {
    parsed = JSON.parse(fs.readFileSync(file, 'utf8')) as Written;
  } catch {
    return undefined;
  }
  const passed = parsed.passed ?? parsed.numPassedTests;
  const failed = parsed.failed ?? parsed.numFailedTests;
  if (passed === undefined || failed === undefined) return undefined;
  const told = (parsed.testResults ?? []).flatMap(({ assertionResults = [] }) =>
    assertionResults.map(({ fullName, duration }) => ({ name: fullName, ms: duration ?? 0 })),
  );
  return {
    passed,
    failed,
    skipped: parsed.skipped ?? (parsed.numPendingTests ?? 0) + (parsed.numTodoTests ?? 0),
    tests: parsed.tests ?? told,
    failures: parsed.failures ?? toldFailures(parsed),
  };
}

/** The counts of a suite. If it crashed or ran no test, it counts one failure even without a failed test. */
export function judge(result: Counts | undefined, exitCode: number): Counts {
  const { passed, failed, skipped } = result ?? { passed: 0, failed: 0, skipped: 0 };
  const bad = exitCode !== 0 || passed + failed === 0;
  return { passed, failed: bad && failed === 0 ? 1 : failed, skipped };
}

export const add = (one: Counts, other: Counts): Counts => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

/** The last line of a test run. */
export const line = (counts: Counts): string =>
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;
