/** Turns many notes into one call: the first note starts a short wait, then the call follows. Calls never overlap. */
export class Batch {
  private timer: NodeJS.Timeout | undefined;
  private calling = false;
  private callAgain = false;
  private endedAt = -Infinity;

  /**
   * @param afterMs short enough to feel immediate, long enough to collect the events of one write
   * @param gapMs the least time between the end of one call and the next, for notes that do not cease
   */
  constructor(
    private readonly call: () => void | Promise<void>,
    private readonly afterMs = 150,
    private readonly gapMs = 0,
  ) {}

  note(): void {
    // The call in progress may have read older data, so another call follows it.
    if (this.calling) this.callAgain = true;
    else
      this.timer ??= setTimeout(
        () => {
          void this.run();
        },
        Math.max(this.afterMs, this.endedAt + this.gapMs - performance.now()),
      );
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.callAgain = false;
  }

  private async run(): Promise<void> {
    this.timer = undefined;
    this.calling = true;
    try {
      await this.call();
    } finally {
      this.calling = false;
      this.endedAt = performance.now();
      if (this.callAgain) {
        this.callAgain = false;
        this.note();
      }
    }
  }
}
