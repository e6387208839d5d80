import type { LockRecord } from '../core/lock/types';
import type { LockView, Work } from '../platform/lockService';
import { elapsed } from './words';

/** What the status item shows; times are wall-clock ms. */
export interface LockWords {
  readonly text: string;
  /** The whole state as one sentence, for the tooltip and for screen readers. */
  readonly sentence: string;
  readonly emphasis: 'none' | 'warning' | 'error';
}

/** @param work what this window does under the lock, when it does @param now wall-clock ms since 1970 */
export function lockWords(view: LockView, work: Work | undefined, now: number): LockWords {
  switch (view.kind) {
    case 'free':
      return { text: '$(unlock) Weld', sentence: 'Weld: the run lock is free.', emphasis: 'none' };
    case 'held':
      if (view.where === 'here') return here(view.holder, work, now);
      return {
        text: `$(lock) ${who(view.holder, view.where)} · ${age(view.holder, now)}`,
        sentence: `Weld: ${heldSentence(view.holder, view.where, now)}`,
        emphasis: 'warning',
      };
    case 'stale':
      return { text: '$(warning) Weld: lock left behind', sentence: `Weld: the run lock was left behind by ${who(view.holder, 'other-host')} (${view.why}); the next command clears it.`, emphasis: 'warning' };
    case 'unreadable':
      return { text: '$(error) Weld: lock unreadable', sentence: `Weld: the run lock cannot be read: ${view.why}`, emphasis: 'error' };
    case 'lost':
      return {
        text: '$(error) Weld: lock lost',
        sentence: `Weld: this window lost the run lock while it ran ${view.command}${view.by ? `; it was taken over by ${who(view.by, 'other-host')} for ${view.by.command}` : ''}. The work stopped, what was written before is kept.`,
        emphasis: 'error',
      };
  }
}

/** "pid 4711 on host-a runs “step loop 2” of 2026… for 3 min 5 s." */
export function heldSentence(holder: LockRecord, where: 'here' | 'this-machine' | 'other-host', now: number): string {
  const place = where === 'here' ? 'this window' : who(holder, 'other-host');
  return `the run lock is held by ${place}: ${holder.command} (run ${holder.run_id}), for ${age(holder, now)}.`;
}

/** The lines of *Show Lock*. */
export function lockDetails(view: LockView, now: number): readonly { readonly label: string; readonly value: string }[] {
  const holder = 'holder' in view ? view.holder : view.kind === 'lost' ? view.by : undefined;
  if (!holder) return [];
  const rows: (readonly [string, string | number | undefined])[] = [
    ['Command', holder.command], ['Run', holder.run_id], ['Process', holder.pid], ['Host', holder.host ?? 'this machine (command-line Weld)'],
    ['Held for', age(holder, now)], ['Last heartbeat', holder.heartbeat_at_ms === undefined ? holder.last_heartbeat : `${elapsed(now - holder.heartbeat_at_ms)} ago`],
    ['Epoch', holder.epoch], ['Token', holder.token],
  ];
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value: String(value) }]));
}

function here(holder: LockRecord, work: Work | undefined, now: number): LockWords {
  const command = work?.command ?? holder.command;
  const time = work ? elapsed(now - work.since) : age(holder, now);
  const phase = work && work.phase !== '' ? ` (${work.phase})` : '';
  return {
    text: `$(sync~spin) Weld: ${command} · ${time}`,
    sentence: `Weld: this window holds the run lock: ${command}${phase}, for ${time}.`,
    emphasis: 'none',
  };
}

function who(holder: LockRecord, where: 'this-machine' | 'other-host'): string {
  const process = `pid ${holder.pid}`;
  return where === 'other-host' && holder.host !== undefined ? `${process} on ${holder.host}` : process;
}

function age(holder: LockRecord, now: number): string {
  const started = holder.started_at_ms ?? Date.parse(holder.started_at);
  return Number.isFinite(started) ? elapsed(now - started) : 'an unknown time';
}
