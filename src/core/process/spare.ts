import type { Supervised } from './supervised';

/**
 * A supervisor that has started before its program is known, so that no guest waits for it. Each supervisor still has
 * one program: what a guest does to its own cannot reach the next guest.
 */
export class SpareSupervisor implements Disposable {
  private waiting: Supervised | undefined;
  private closed = false;

  /** @param start starts a supervisor */
  constructor(private readonly start: () => Supervised) {}

  /** Starts a supervisor, unless one waits. */
  prepare(): void {
    if (this.closed || this.waiting?.waits() === true) return;
    try {
      this.waiting = this.start();
    } catch {
      this.waiting = undefined; // whatever stops it here also stops the one for the program, which reports it
    }
  }

  /** @returns the one that waits; a new one if there is none, or somebody has ended it */
  take(): Supervised {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting?.waits() === true ? waiting : this.start();
  }

  /** Ends the one that waits. */
  [Symbol.dispose](): void {
    this.closed = true;
    this.waiting?.end(0);
    this.waiting = undefined;
  }
}
