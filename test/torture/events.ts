/**
 * The log of a torture round: one JSON object per line, each appended by one system call, so that lines are in the
 * order of events. Times are ns of the machine's monotonic clock, which all processes share.
 */
export type TortureEvent =
  /** The lock was acquired; `how` tells whether a live holder was deliberately displaced. */
  | {
      readonly ev: 'acquired';
      readonly who: string;
      readonly t: number;
      readonly epoch: number;
      readonly how: 'free' | 'take-over';
    }
  /** About to take over from the holder of `epoch`. */
  | { readonly ev: 'taking-over'; readonly who: string; readonly t: number; readonly epoch: number }
  /** A protected write; the lock was asserted after `t`. */
  | { readonly ev: 'write'; readonly who: string; readonly t: number; readonly epoch: number }
  /** The holder learned that its lock is lost. */
  | { readonly ev: 'lost'; readonly who: string; readonly t: number; readonly epoch: number }
  /** About to release. */
  | { readonly ev: 'releasing'; readonly who: string; readonly t: number; readonly epoch: number }
  /** About to be killed or stopped; or just continued. */
  | { readonly ev: 'kill' | 'stop' | 'continue'; readonly who: string; readonly t: number }
  /** A stranger is about to remove `active.lock`. */
  | { readonly ev: 'rm'; readonly who: 'stranger'; readonly t: number }
  /** A worker met an impossible error. */
  | { readonly ev: 'error'; readonly who: string; readonly t: number; readonly text: string };

/** The current time, in ns of the machine's monotonic clock. */
export function tick(): number {
  return Number(process.hrtime.bigint());
}

/** @param text a log; a kill may have cut its last line */
export function parseEvents(text: string): TortureEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as TortureEvent];
    } catch {
      return [];
    }
  });
}
