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

/** What a suite's result file says. */
export interface Result extends Counts {
  readonly tests: readonly TimedTest[];
  /** Each failure in a few lines: which test, and what it said. */
  readonly failures: readonly string[];
}

interface Told {
  readonly fullName: string;
  readonly duration?: number | null;
  readonly status?: string;
  readonly failureMessages?: readonly string[] | null;
}

/** Lines of a failure that are shown: what was expected and where. */
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

/** A failure in a few lines. */
export const failure = (name: string, message: string): string =>
  [name, ...message.split('\n').slice(0, SHOWN_LINES)].join('\n    ');

/** What vitest says of its failed tests, and of files that failed as a whole. */
function toldFailures(written: Written): string[] {
  return (written.testResults ?? []).flatMap(({ name = '', status, message = '', assertionResults = [] }) => {
    const failed = assertionResults
      .filter((each) => each.status === 'failed')
      .map((each) => failure(each.fullName, (each.failureMessages ?? []).join('\n')));
    return failed.length === 0 && status === 'failed' ? [failure(name, message)] : failed;
  });
}

/**
 * Reads the result file of vitest's json reporter or of test/host/runner.ts. @returns undefined when there is none to
 * read
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

/** What a suite counts for: one that ended badly, or ran nothing, has a failure even when no test says so. */
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

/** The plain line that ends a test run. */
export const line = (counts: Counts): string =>
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;
