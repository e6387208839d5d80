/** Turns many notes into one call: the first note starts a short wait, then the call follows. Calls never overlap. */
export class Batch {
  private timer: NodeJS.Timeout | undefined;
  private calling = false;
  private callAgain = false;

  /** @param afterMs short enough to feel immediate, long enough to collect the events of one write */
  constructor(
    private readonly call: () => void | Promise<void>,
    private readonly afterMs = 150,
  ) {}

  note(): void {
    // The call in progress may have read older data, so another call follows it.
    if (this.calling) this.callAgain = true;
    else
      this.timer ??= setTimeout(() => {
        void this.run();
      }, this.afterMs);
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
      if (this.callAgain) {
        this.callAgain = false;
        this.note();
      }
    }
  }
}
