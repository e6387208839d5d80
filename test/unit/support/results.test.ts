import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readArgs, texts } from '../../support/host/launcher-args';
import { add, judge, line, readResult } from '../../support/results';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'results-'));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));
const file = (content: unknown): string => {
  const name = path.join(dir, 'result.json');
  fs.writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content));
  return name;
};

describe('the sum of all suites', () => {
  test('reads both runners', () => {
    const testResults = [{ assertionResults: [{ fullName: 'a b', duration: 12 }, { fullName: 'skipped' }] }];
    expect(
      readResult(file({ numPassedTests: 4, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, testResults })),
    ).toEqual({
      passed: 4,
      failed: 1,
      skipped: 3,
      tests: [
        { name: 'a b', ms: 12 },
        { name: 'skipped', ms: 0 },
      ],
      failures: [],
    });
    expect(readResult(file({ passed: 2, failed: 0, skipped: 1, tests: [{ name: 'c', ms: 3 }] }))).toEqual({
      passed: 2,
      failed: 0,
      skipped: 1,
      tests: [{ name: 'c', ms: 3 }],
      failures: [],
    });
  });

  test('a failure is named with what it said, also when a whole file failed', () => {
    const failed = { fullName: 'a b', status: 'failed', failureMessages: ['expected 1 to be 2\n  at here'] };
    const testResults = [
      { name: 'one.test.ts', status: 'failed', assertionResults: [failed, { fullName: 'c', status: 'passed' }] },
      { name: 'two.test.ts', status: 'failed', message: 'cannot be loaded', assertionResults: [] },
    ];
    expect(readResult(file({ numPassedTests: 1, numFailedTests: 1, testResults }))?.failures).toEqual([
      'a b\n    expected 1 to be 2\n      at here',
      'two.test.ts\n    cannot be loaded',
    ]);
    expect(readResult(file({ passed: 1, failed: 1, tests: [], failures: ['d'] }))?.failures).toEqual(['d']);
  });

  test('a result that is missing, broken or empty is a failure', () => {
    expect(readResult(path.join(dir, 'none.json'))).toBeUndefined();
    expect(readResult(file('{"numPassedTests":'))).toBeUndefined();
    expect(judge(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(judge({ passed: 0, failed: 0, skipped: 3 }, 0).failed).toBe(1);
  });

  test('a runner that ended badly is a failure although every test passed', () => {
    expect(judge({ passed: 9, failed: 0, skipped: 0 }, 1)).toEqual({ passed: 9, failed: 1, skipped: 0 });
    expect(judge({ passed: 9, failed: 2, skipped: 0 }, 1).failed).toBe(2);
    expect(judge({ passed: 9, failed: 0, skipped: 0 }, 0).failed).toBe(0);
  });

  test('the last line names skipped tests only when there are some', () => {
    expect(line(add({ passed: 1, failed: 0, skipped: 0 }, { passed: 2, failed: 0, skipped: 0 }))).toBe(
      '3 passed, 0 failed',
    );
    expect(line({ passed: 1, failed: 2, skipped: 3 })).toBe('1 passed, 2 failed, 3 skipped');
  });
});

test('the launcher reads flags as the desktop executable does', () => {
  const args = readArgs([
    '/work',
    '--no-sandbox',
    '--extensionTestsPath=/a=b',
    '--user-data-dir',
    '/u',
    '--install-extension',
    'a.vsix',
    '--install-extension=b.vsix',
    '--force',
  ]);
  expect(args.rest).toEqual(['/work']);
  expect(texts(args, 'extensionTestsPath')).toEqual(['/a=b']);
  expect(texts(args, 'user-data-dir')).toEqual(['/u']);
  expect(texts(args, 'install-extension')).toEqual(['a.vsix', 'b.vsix']);
  expect(args.flags.get('force')).toEqual([true]);
});
