import { expect, it } from 'vitest';
import type { LockRecord, LockState } from '../../../src/core/lock/runLock';
import { lockActions } from '../../../src/ui/lockWords';

const holder: LockRecord = {
  pid: 4711,
  run_id: 'r',
  command: 'step loop 2',
  started_at: '2026-01-05T12:00:00.000000',
  last_heartbeat: '2026-01-05T12:00:00.000000',
  token: 'abc',
};
const { token: _none, ...commandLine } = holder;
const held = (where: 'here' | 'this-machine' | 'other-host', by: LockRecord = holder): LockState => ({
  kind: 'held',
  where,
  holder: by,
});
const free: LockState = { kind: 'free' };

it.each([
  ['free', free, false, ['log']],
  ['held here', held('here'), true, ['activity', 'stop', 'log']],
  ['held by another window', held('this-machine'), false, ['wait', 'ask', 'takeOver', 'log']],
  ['held by another machine', held('other-host'), false, ['wait', 'ask', 'takeOver', 'log']],
  ['held by the command-line Weld', held('this-machine', commandLine), false, ['wait', 'log']],
  ['left behind', { kind: 'stale', why: 'process 4711 is gone', holder }, false, ['log']],
  ['unreadable', { kind: 'unreadable', why: 'active.lock: it is a folder' }, false, ['log']],
] as const)('%s: what can be done about it', (_name, state, working, actions) => {
  expect(lockActions(state, state, working)).toEqual(actions);
});

it('a lock that was lost is acknowledged, and what can be done about its new holder stays on offer', () => {
  const lost = { kind: 'lost', command: 'step loop 2' } as const;
  expect(lockActions(lost, free, false)).toEqual(['understood', 'log']);
  expect(lockActions(lost, held('this-machine'), false)).toEqual(['wait', 'ask', 'takeOver', 'understood', 'log']);
});
