/** So many deaths within this time are no accident. In ms. */
const LIMIT = 4;

const WITHIN_MS = 3 * 60_000;

/** Where a person hears of deaths. */
export interface Telling {
  warn(message: string): void;
  fail(message: string): void;
}

/**
 * Decides whether a server that died is started again; a person hears of it once, and once more when it is given up.
 */
export class CrashGuard {
  private readonly deaths: number[] = [];
  private said = false;
  private off = false;

  /** @param now in ms */
  constructor(
    private readonly telling: Telling,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether the server stays off until the window is loaded again. */
  get givenUp(): boolean {
    return this.off;
  }

  /** Counts a death. @returns whether the server is to be started again */
  died(): boolean {
    this.deaths.push(this.now());
    while ((this.deaths[0] ?? Infinity) < this.now() - WITHIN_MS) this.deaths.shift();
    if (this.deaths.length > LIMIT) {
      if (!this.off)
        this.telling.fail(
          'The Weld language server stopped again and again and stays off; reload the window to try once more. ' +
            'The log "Weld Language Server" says why.',
        );
      this.off = true;
    } else if (!this.said) {
      this.said = true;
      this.telling.warn('The Weld language server stopped unexpectedly and was started again.');
    }
    return !this.off;
  }
}
