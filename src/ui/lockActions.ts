import type { LockState } from '../core/lock/types';
import type { LockView } from '../platform/lockService';

/** What a person can do about the lock at this moment, in the order in which it is offered. */
export type LockAction = 'stop' | 'wait' | 'ask' | 'takeOver' | 'understood' | 'log';

/**
 * @param view what the status item says @param disk who holds the lock by now, also while a loss is still to be told
 * @param working whether this window holds it
 */
export function lockActions(view: LockView, disk: LockState, working: boolean): readonly LockAction[] {
  const elsewhere = disk.kind === 'held' && disk.where !== 'here' ? disk.holder : undefined;
  return [
    ...(working ? ['stop' as const] : []),
    ...(elsewhere ? ['wait' as const] : []),
    // The command-line Weld looks for no wishes, and its record has no token to take it over by.
    ...(elsewhere?.token === undefined ? [] : ['ask' as const, 'takeOver' as const]),
    ...(view.kind === 'lost' ? ['understood' as const] : []),
    'log',
  ];
}
