/**
 * The log of a torture round: one JSON object a line, each appended by one system call, so that its order is the order
 * of events. Times are ns of the machine's monotonic clock, which all processes share.
 */
export type TortureEvent =
  /** The lock was got; `how` says whether a live holder was displaced by decision. */
  | {
      readonly ev: 'acquired';
      readonly who: string;
      readonly t: number;
      readonly epoch: number;
      readonly how: 'free' | 'take-over';
    }
  /** About to take over from the holder of `epoch`. */
  | { readonly ev: 'taking-over'; readonly who: string; readonly t: number; readonly epoch: number }
  /** A protected write: the lock was asserted between `t` and now. */
  | { readonly ev: 'write'; readonly who: string; readonly t: number; readonly epoch: number }
  /** The holder was told that its lock is lost. */
  | { readonly ev: 'lost'; readonly who: string; readonly t: number; readonly epoch: number }
  /** About to release. */
  | { readonly ev: 'releasing'; readonly who: string; readonly t: number; readonly epoch: number }
  /** About to be killed, stopped; continued. */
  | { readonly ev: 'kill' | 'stop' | 'continue'; readonly who: string; readonly t: number }
  /** `active.lock` is about to be removed by a stranger. */
  | { readonly ev: 'rm'; readonly who: 'stranger'; readonly t: number }
  /** A worker met what it must never meet. */
  | { readonly ev: 'error'; readonly who: string; readonly t: number; readonly text: string };

/** Now, in ns of the machine's monotonic clock. */
export function tick(): number {
  return Number(process.hrtime.bigint());
}

/** @param text a log; its last line may be cut short by a kill */
export function parseEvents(text: string): TortureEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as TortureEvent];
    } catch {
      return [];
    }
  });
}
