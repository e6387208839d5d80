import { describeHolder, describeLock } from '../core/lock/record';
import type { LockRecord, LockState } from '../core/lock/runLock';
import { elapsed } from '../core/util/duration';
import type { LockView, Work } from '../platform/lockService';

/** What the status item shows. */
export interface LockWords {
  readonly text: string;
  /** The whole state as one sentence, for the tooltip and for screen readers. */
  readonly sentence: string;
  readonly emphasis: 'none' | 'warning' | 'error';
}

/**
 * Describes the lock for the status item.
 * @param work what this window does under the lock, if anything
 * @param now wall-clock ms since 1970
 */
export function lockWords(view: LockView, work: Work | undefined, now: number): LockWords {
  if (view.kind === 'lost') {
    const by = view.by ? `; it was taken over by ${describeHolder(view.by, now)}` : '';
    return {
      text: '$(error) Weld: lock lost',
      sentence:
        `This window lost the run lock while it ran ${view.command}${by}. The work stopped; what ` +
        'was written ' +
        'before is kept.',
      emphasis: 'error',
    };
  }
  const sentence = describeLock(view, now);
  switch (view.kind) {
    case 'free':
      return { text: '$(unlock) Weld', sentence, emphasis: 'none' };
    case 'held':
      if (view.where !== 'here')
        return {
          text: `$(lock) ${shortly(view.holder, view.where)} · ${view.holder.command} · ${age(view.holder, now)}`,
          sentence,
          emphasis: 'warning',
        };
      return {
        text:
          `$(sync~spin) Weld: ${work?.command ?? view.holder.command} · ` +
          `${work ? elapsed(now - work.since) : age(view.holder, now)}`,
        sentence: work && work.phase !== '' ? `${sentence} At the moment: ${work.phase}.` : sentence,
        emphasis: 'none',
      };
    case 'stale':
      return { text: '$(warning) Weld: stale lock', sentence, emphasis: 'warning' };
    case 'unreadable':
      return { text: '$(error) Weld: lock unreadable', sentence, emphasis: 'error' };
  }
}

/** The holder's details for *Show Lock*. @param now wall-clock ms since 1970 */
export function lockDetails(
  view: LockView,
  now: number,
): readonly { readonly label: string; readonly value: string }[] {
  const holder = 'holder' in view ? view.holder : view.kind === 'lost' ? view.by : undefined;
  if (!holder) return [];
  const rows: (readonly [string, string | number | undefined])[] = [
    ['Command', holder.command],
    ['Run', holder.run_id],
    ['Process', holder.pid],
    ['Host', holder.host ?? 'this machine (command-line Weld)'],
    ['Held for', age(holder, now)],
    [
      'Last heartbeat',
      holder.heartbeat_at_ms === undefined ? holder.last_heartbeat : `${elapsed(now - holder.heartbeat_at_ms)} ago`,
    ],
    ['Epoch', holder.epoch],
    ['Token', holder.token],
  ];
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value: String(value) }]));
}

/** The holder's pid, with the host only when it is another one. */
function shortly(holder: LockRecord, where: 'this-machine' | 'other-host'): string {
  return where === 'other-host' && holder.host !== undefined
    ? `pid ${holder.pid} on ${holder.host}`
    : `pid ${holder.pid}`;
}

function age(holder: LockRecord, now: number): string {
  const started = holder.started_at_ms ?? Date.parse(holder.started_at);
  return Number.isFinite(started) ? elapsed(now - started) : 'an unknown time';
}

/** What a person can do about the lock. */
export type LockAction = 'activity' | 'stop' | 'wait' | 'ask' | 'takeOver' | 'understood' | 'log';

/**
 * @param view what the status item shows
 * @param disk the state on disk, which `view` does not show after a loss
 * @param working whether this window works under the lock
 * @returns the actions in the order in which they are offered
 */
export function lockActions(view: LockView, disk: LockState, working: boolean): readonly LockAction[] {
  const elsewhere = disk.kind === 'held' && disk.where !== 'here' ? disk.holder : undefined;
  return [
    ...(working ? ['activity' as const, 'stop' as const] : []),
    ...(elsewhere ? ['wait' as const] : []),
    // The command-line Weld does not read stop requests, and its record has no token for a take-over.
    ...(elsewhere?.token === undefined ? [] : ['ask' as const, 'takeOver' as const]),
    ...(view.kind === 'lost' ? ['understood' as const] : []),
    'log',
  ];
}
