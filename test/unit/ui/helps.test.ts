import { expect, it } from 'vitest';
import { FAILURES } from '../../../src/core/agents/agent';
import { helps } from '../../../src/ui/helps';

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
] as const)('%s: what helps', (failure, help) => {
  expect(helps(failure, 'claude')).toEqual(help);
  expect(helps(failure, 'codex')).toEqual(help);
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
  expect(helps('authentication', 'replay')).toEqual(['another']);
});
