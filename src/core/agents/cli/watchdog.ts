import type { Reader, Sign } from './reader';

/** A tool of the program, such as a long test run, may be silent this many times longer than the model. */
const BUSY_FACTOR = 6;
/** How long a program that has given its answer gets to end by itself, in ms. */
const AFTER_ANSWER_MS = 10_000;

export type Stopped = 'hopeless' | 'silent' | 'answered';

/** Ends a program that waits in vain: one look after each event, one timer. */
export class Watchdog {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private lastProgress = performance.now();
  private answeredAt: number | undefined;
  /** Why the program was ended, once it was. */
  stopped: Stopped | undefined;

  /** @param silenceMs how long the model may give no sign of progress; asking again after an error is none */
  constructor(
    private readonly reader: Reader,
    private readonly silenceMs: number,
    private readonly afterAnswerMs = AFTER_ANSWER_MS,
  ) {
    this.arm();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  saw(sign: Sign): void {
    if (sign === 'nothing') return;
    if (this.reader.hopeless) {
      this.stop('hopeless');
      return;
    }
    if (sign === 'progress') this.lastProgress = performance.now();
    if (this.reader.report.answer) this.answeredAt ??= performance.now();
    this.arm();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const left = this.deadline() - performance.now();
    // A timer holds no more than 2^31 - 1 ms; it is set again when it ends early.
    this.timer = setTimeout(
      () => {
        this.look();
      },
      Math.min(Math.max(left, 0), 2 ** 31 - 1),
    );
  }

  private look(): void {
    if (this.deadline() > performance.now()) this.arm();
    else this.stop(this.answeredAt === undefined ? 'silent' : 'answered');
  }

  private deadline(): number {
    if (this.answeredAt !== undefined) return this.answeredAt + this.afterAnswerMs;
    return this.lastProgress + this.reader.waitMs + this.silenceMs * (this.reader.busy ? BUSY_FACTOR : 1);
  }

  private stop(why: Stopped): void {
    clearTimeout(this.timer);
    this.stopped ??= why;
    this.controller.abort();
  }
}
