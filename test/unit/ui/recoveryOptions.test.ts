import { expect, it } from 'vitest';
import { FAILURES } from '../../../src/core/agents/agent';
import { recoveryOptions } from '../../../src/ui/recoveryOptions';

it.each([
  ['authentication', ['logIn', 'another']],
  ['rate_limit', ['later', 'another']],
  ['network', ['later', 'another']],
  ['budget', ['limits', 'another']],
  ['model', ['another']],
  ['billing', ['another']],
  ['unreadable', ['another']],
  ['no_answer', ['another']],
  ['missing', ['another']],
  ['crash', []],
  ['timeout', []],
  ['cancelled', []],
  ['needs_person', []],
] as const)('%s: what recoveryOptions', (failure, help) => {
  expect(recoveryOptions(failure, 'claude')).toEqual(help);
  expect(recoveryOptions(failure, 'codex')).toEqual(help);
});

it('every kind of failure has its row above', () => {
  expect([...FAILURES].sort()).toEqual([
    'authentication',
    'billing',
    'budget',
    'cancelled',
    'crash',
    'missing',
    'model',
    'needs_person',
    'network',
    'no_answer',
    'rate_limit',
    'timeout',
    'unreadable',
  ]);
});

it('only programs that have accounts can be logged in to', () => {
  expect(recoveryOptions('authentication', 'replay')).toEqual(['another']);
});
