import { expect, it } from 'vitest';
import { announces } from '../../../src/ui/announces';

it.each([
  ['always', true, true],
  ['always', false, true],
  ['unfocused', true, false],
  ['unfocused', false, true],
  ['never', true, false],
  ['never', false, false],
] as const)('%s, window in front: %s', (when, focused, told) => {
  expect(announces(when, focused, 'passed')).toBe(told);
  expect(announces(when, focused, 'agent_failed')).toBe(told);
});

it('a lost lock is always told of', () => {
  expect(announces('never', true, 'lock_lost')).toBe(true);
});
