/** Makes one call of many: the first note starts a short wait, the call comes at its end. */
export class Batch {
  private timer: NodeJS.Timeout | undefined;

  /** @param afterMs short enough to feel immediate, long enough to gather what one write causes */
  constructor(private readonly call: () => void, private readonly afterMs = 150) {}

  note(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.call();
    }, this.afterMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
