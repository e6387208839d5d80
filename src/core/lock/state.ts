import { WeldError } from '../errors';
import { describeLock } from './describe';
import type { Survey } from './survey';
import { LockHeldError, type LockState } from './types';

/** What a survey found, as the rest of Weld sees it. */
export function stateOf(found: Pick<Survey, 'state' | 'where' | 'why' | 'holder'>): LockState {
  if (found.state === 'live' && found.holder && found.where)
    return { kind: 'held', where: found.where, holder: found.holder };
  if (found.state === 'dead' && found.holder) return { kind: 'stale', why: found.why, holder: found.holder };
  if (found.state === 'unreadable') return { kind: 'unreadable', why: found.why };
  return { kind: 'free', ...(found.why !== '' && { leftOver: found.why }) };
}

/** Why a lock in this state was not given. */
export function refusal(state: LockState): WeldError {
  const sentence = describeLock(state, Date.now());
  return state.kind === 'held'
    ? new LockHeldError(state.holder, sentence)
    : new WeldError('LOCK_UNREADABLE', sentence, { action: { title: 'Show Lock', command: 'weld.lock.show' } });
}
