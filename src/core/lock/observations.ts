import type { LockRecord } from './types';

/** More is never looked at by one observer at a time. */
const KEEP = 8;
/**
 * What passes between two looks counts up to here, in ms: this machine may have slept meanwhile, as the other one may.
 */
const MOST_BETWEEN_LOOKS = 5_000;

/**
 * How long another host's record has stood unchanged, on this process's own monotonic clock: the clocks of two hosts
 * do not agree, and a wall clock steps. What was never seen before has stood for 0 ms.
 */
export class Observations {
  private readonly seen = new Map<string, { at: number; stood: number }>();

  /** @param monotonicMs never steps back */
  constructor(private readonly monotonicMs: () => number) {}

  /** @returns ms */
  unchangedFor(record: LockRecord): number {
    return this.unchanged(`${record.token ?? ''} ${record.epoch ?? ''} ${record.heartbeat_at_ms ?? ''}`);
  }

  /** @param key what is looked at and its state in one text; @returns ms */
  unchanged(key: string): number {
    const at = this.monotonicMs();
    const before = this.seen.get(key);
    if (before) {
      before.stood += Math.min(at - before.at, MOST_BETWEEN_LOOKS);
      before.at = at;
      return before.stood;
    }
    this.seen.set(key, { at, stood: 0 });
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= KEEP) break;
      this.seen.delete(oldest);
    }
    return 0;
  }
}
