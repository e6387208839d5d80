import { describe, expect, test } from 'vitest';
import { summary } from '../../support/summary';

const took = [
  { name: 'unit', wallSeconds: 148.4, ratio: 60 },
  { name: 'new', wallSeconds: 3, ratio: 2 },
];

describe('the end of a test run', () => {
  test('names the ten slowest tests, the slowest first', () => {
    const tests = Array.from({ length: 12 }, (_, n) => ({ name: `test ${n}`, ms: n * 1000 }));
    const lines = summary(took, tests, [], {});
    expect(lines.filter((each) => each.includes('  test '))).toHaveLength(10);
    expect(lines[1]).toBe('    11.0 s  test 11');
  });

  test('warns where a ratio has grown by more than a fifth, and only there', () => {
    expect(summary(took, [], [], { unit: 50 }).filter((each) => each.startsWith('Warning'))).toEqual([]);
    expect(summary(took, [], [], { unit: 49.9 }).filter((each) => each.startsWith('Warning'))).toEqual([
      expect.stringContaining('"unit" took 60.0 times the fixed work; it was 49.9'),
    ]);
    expect(summary(took, [], [], {}).some((each) => each.startsWith('Warning'))).toBe(false);
  });

  test('says what the random parts have done', () => {
    expect(summary(took, [], ['[budget] schedules: 10 of 100'], {})).toContain('[budget] schedules: 10 of 100');
  });
});
