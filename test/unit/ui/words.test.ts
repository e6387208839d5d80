import { describe, expect, it } from 'vitest';
import { elapsed } from '../../../src/core/util/duration';
import { ago, counted, leftOutWords } from '../../../src/ui/format';

describe('words', () => {
  it('gives a duration to the second, and to the minute after an hour', () => {
    expect([0, 59_999, 60_000, 185_000, 3_600_000, 7_800_000, -5].map(elapsed)).toEqual([
      '0 s',
      '59 s',
      '1 min 0 s',
      '3 min 5 s',
      '1 h 0 min',
      '2 h 10 min',
      '0 s',
    ]);
  });

  it('gives an age in its largest unit, and nothing when the time is unknown', () => {
    const now = 1_000_000_000;
    expect([0, 60_000, 3_600_000, 86_400_000, 3 * 86_400_000].map((ms) => ago(now - ms, now))).toEqual([
      'just now',
      '1 min ago',
      '1 h ago',
      '1 day ago',
      '3 days ago',
    ]);
    expect(ago(Number.NaN, now)).toBe('');
  });

  it('counts', () => {
    expect([counted(0, 'issue'), counted(1, 'issue'), counted(2, 'issue')]).toEqual([
      'no issues',
      '1 issue',
      '2 issues',
    ]);
  });
});

describe('leftOutWords', () => {
  it('names the files that stayed out, and how to bring one in', () => {
    expect(leftOutWords({})).toBe('');
    expect(leftOutWords({ leftOut: ['.env'] })).toBe(
      ' Left out: .env; large files and those that look like secrets come in with "git add".',
    );
    expect(leftOutWords({ leftOut: ['a', 'b', 'c', 'd', 'e'] })).toContain('a, b, c and 2 more');
  });
});
