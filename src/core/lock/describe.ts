import type { LockRecord, LockState } from './types';

/** "step loop 2 of 20260105-120000-api, process 4711 on host-a, for 3 min". @param now wall-clock ms */
export function describeHolder(holder: LockRecord, now: number): string {
  const where = holder.host === undefined ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host}`;
  const since = holder.started_at_ms ?? Date.parse(holder.started_at);
  const age = Number.isFinite(since) ? `, for ${duration(now - since)}` : '';
  return `${holder.command} (run ${holder.run_id || 'unknown'}), ${where}${age}`;
}

/** One sentence or two: what was found, and what to do. @param now wall-clock ms */
export function describeLock(state: LockState, now: number): string {
  switch (state.kind) {
    case 'free':
      return state.leftOver === undefined
        ? 'The run lock is free.'
        : `The run lock is free; what stands there was left behind (${state.leftOver}), and the next ` +
            'command clears it.';
    case 'held':
      if (state.where === 'here')
        return (
          `This window holds the run lock: ${describeHolder(state.holder, now)}; wait until that ` + 'ends, or stop it.'
        );
      return (
        `The run lock is held by ${describeHolder(state.holder, now)}; wait until it ends, or ask the ` +
        'holder to stop.'
      );
    case 'stale':
      return (
        `The run lock was left by ${describeHolder(state.holder, now)}, but ${state.why}; the next ` +
        'command takes ' +
        'it by itself.'
      );
    case 'unreadable':
      return `The run lock cannot be read (${state.why}); if no Weld is at work, move that away and try again.`;
  }
}

/** "40 s", "3 min", "2 h 5 min", from ms; a clock that was set back gives "0 s". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}
