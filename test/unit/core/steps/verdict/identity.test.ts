import { describe, expect, it } from 'vitest';
import type { Issue } from '../../../../../src/core/artifacts/schemas';
import { carryWaivers, issueId, open, withIds } from '../../../../../src/core/steps/verdict/issues';

const issue = (more: Partial<Issue> = {}): Issue => ({
  severity: 'major',
  file: 'src/a.ts',
  hint: 'The total is wrong at line 12.',
  maps_to: null,
  ...more,
});
const waived = { reason: 'known', at: '2026-01-05T12:00:00Z' };

describe('the id of an issue', () => {
  it('stays when only spelling, line and severity move', () => {
    const id = issueId(issue());
    expect(issueId(issue({ hint: '  the TOTAL is wrong, at line 14', severity: 'minor' }))).toBe(id);
    expect(issueId(issue({ file: './src/a.ts:12' }))).toBe(id);
  });
  it('differs with the file, the criterion and the words', () => {
    const ids = [
      issue(),
      issue({ file: 'src/b.ts' }),
      issue({ maps_to: '1' }),
      issue({ hint: 'The sum is wrong.' }),
      issue({ hint: 'Expected 3' }),
      issue({ hint: 'Expected 5' }),
    ].map(issueId);
    expect(new Set(ids).size).toBe(ids.length);
  });
  it('is unique in a list', () => {
    expect(new Set(withIds([issue(), issue(), issue()]).map((each) => each.id)).size).toBe(3);
  });
});

describe('a waiver', () => {
  const [earlier] = withIds([issue({ waived })]);
  it('follows its issue', () => {
    const [now] = carryWaivers(withIds([issue({ hint: 'the total is wrong at line 99' })]), [earlier!]);
    expect(now?.waived).toEqual(waived);
    expect(open([now!])).toEqual([]);
  });
  it('does not follow an issue that has become graver, nor another one', () => {
    const [graver, other] = carryWaivers(withIds([issue({ severity: 'blocker' }), issue({ hint: 'something else' })]), [
      earlier!,
    ]);
    expect(graver?.waived).toBeUndefined();
    expect(other?.waived).toBeUndefined();
  });
});
