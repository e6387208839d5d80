/**
 * Makes one call of many: the first note starts a short wait, the call comes at its end, and never beside an earlier
 * one.
 */
export class Batch {
  private timer: NodeJS.Timeout | undefined;
  private calling = false;
  private again = false;

  /** @param afterMs short enough to feel immediate, long enough to gather what one write causes */
  constructor(
    private readonly call: () => void | Promise<void>,
    private readonly afterMs = 150,
  ) {}

  note(): void {
    // What is being read may be older than this note, so it is read once more, and the newest comes last.
    if (this.calling) this.again = true;
    else
      this.timer ??= setTimeout(() => {
        void this.run();
      }, this.afterMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.again = false;
  }

  private async run(): Promise<void> {
    this.timer = undefined;
    this.calling = true;
    try {
      await this.call();
    } finally {
      this.calling = false;
      if (this.again) {
        this.again = false;
        this.note();
      }
    }
  }
}
