/** Maximum number of restarts within `WITHIN_MS`. */
const MAX_RESTARTS = 4;

/** Time during which a crash counts. In ms. */
const WITHIN_MS = 3 * 60_000;

/** Shows messages to the person. */
export interface Notifier {
  warn(message: string): void;
  fail(message: string): void;
}

/** Decides whether to restart a crashed server. It tells the person of the first crash, and when it gives up. */
export class CrashGuard {
  private readonly deaths: number[] = [];
  private warned = false;
  private stopped = false;

  /** @param now the time in ms */
  constructor(
    private readonly notifier: Notifier,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether the server stays off until the window reloads. */
  get givenUp(): boolean {
    return this.stopped;
  }

  /** Counts a crash. @returns whether to restart the server */
  died(): boolean {
    this.deaths.push(this.now());
    while ((this.deaths[0] ?? Infinity) < this.now() - WITHIN_MS) this.deaths.shift();
    if (this.deaths.length > MAX_RESTARTS) {
      if (!this.stopped)
        this.notifier.fail(
          'The Weld language server stopped repeatedly and stays off; reload the window to try once more. ' +
            'The log "Weld Language Server" says why.',
        );
      this.stopped = true;
    } else if (!this.warned) {
      this.warned = true;
      this.notifier.warn('The Weld language server stopped unexpectedly and was started again.');
    }
    return !this.stopped;
  }
}
