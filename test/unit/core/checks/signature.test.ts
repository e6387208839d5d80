import { describe, expect, it } from 'vitest';
import { failureSignature } from '../../../../src/core/checks/runChecks';

const same = (a: string, b: string): boolean =>
  failureSignature(a, '/home/me/project') === failureSignature(b, '/home/me/project');

describe('the signature of a failure', () => {
  it.each([
    ['times', 'FAIL at 2026-01-05T12:00:00.123Z', 'FAIL at 2027-11-05 23:59:59'],
    ['durations', '1 failed in 3.21s (12 ms)', '1 failed in 4s (9ms)'],
    ['colours', '\u001b[31mFAIL\u001b[0m a', 'FAIL a'],
    ['line ends and spaces', 'FAIL  a\r\n', 'FAIL a\n'],
    ['temporary files', 'FAIL /tmp/x-123/a.txt', 'FAIL /tmp/x-456/b.txt'],
    ['addresses', 'crash at 0x7ffe12ab', 'crash at 0x7ffe99cd'],
    [
      'what passes beside',
      '✓ a\n✗ b\nTests 1 failed | 41 passed (42)',
      '✓ a\n✓ c\n✗ b\nTests 1 failed | 44 passed (45)',
    ],
    ['the order of lines', 'FAIL a\nFAIL b', 'FAIL b\nFAIL a'],
  ])('leaves out %s', (_name, a, b) => {
    expect(same(a, b)).toBe(true);
  });

  it.each([
    ['another test', 'FAIL a', 'FAIL b'],
    ['one more', 'FAIL a', 'FAIL a\nFAIL b'],
    ['the same twice', 'FAIL a', 'FAIL a\nFAIL a'],
    ['how many fail', '1 failed, 3 passed', '2 failed, 3 passed'],
    ['another line of a file', 'a.ts:12:3 error', 'a.ts:40:1 error'],
    ['other values', 'expected 3 to be 4', 'expected 5 to be 4'],
    ['a crash in its place', 'FAIL a', 'Segmentation fault'],
    ['nothing', 'FAIL a', ''],
  ])('tells %s', (_name, a, b) => {
    expect(same(a, b)).toBe(false);
  });

  it('knows the repository at any place', () => {
    expect(failureSignature('FAIL /home/a/x.ts', '/home/a')).toBe(failureSignature('FAIL /srv/b/x.ts', '/srv/b'));
  });
});
