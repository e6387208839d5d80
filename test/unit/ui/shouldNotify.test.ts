import { expect, it } from 'vitest';
import { shouldNotify } from '../../../src/ui/shouldNotify';

it.each([
  ['always', true, true],
  ['always', false, true],
  ['unfocused', true, false],
  ['unfocused', false, true],
  ['never', true, false],
  ['never', false, false],
] as const)('%s, window in front: %s', (when, focused, told) => {
  expect(shouldNotify(when, focused, 'passed')).toBe(told);
  expect(shouldNotify(when, focused, 'agent_failed')).toBe(told);
});

it('a lost lock is always told of', () => {
  expect(shouldNotify('never', true, 'lock_lost')).toBe(true);
});
