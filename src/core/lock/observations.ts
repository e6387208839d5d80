import type { LockRecord } from './types';

/** More is never looked at by one observer at a time. */
const KEEP = 8;

/**
 * How long another host's record has stood unchanged, on this process's own monotonic clock: the clocks of two hosts
 * do not agree, and a wall clock steps. What was never seen before has stood for 0 ms.
 */
export class Observations {
  private readonly since = new Map<string, number>();

  /** @param monotonicMs never steps back */
  constructor(private readonly monotonicMs: () => number) {}

  /** @returns ms */
  unchangedFor(record: LockRecord): number {
    return this.unchanged(`${record.token ?? ''} ${record.epoch ?? ''} ${record.heartbeat_at_ms ?? ''}`);
  }

  /** @param key what is looked at and its state in one text; @returns ms */
  unchanged(key: string): number {
    const now = this.monotonicMs();
    const since = this.since.get(key);
    if (since !== undefined) return now - since;
    this.since.set(key, now);
    for (const oldest of this.since.keys()) {
      if (this.since.size <= KEEP) break;
      this.since.delete(oldest);
    }
    return 0;
  }
}
