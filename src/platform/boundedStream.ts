/** What one call of a program may put into the log; a check can print without end. In UTF-16 units. */
const MOST = 256 * 1024;

/** A longer line would make the log view crawl. In UTF-16 units. */
const MOST_LINE = 4_000;

/** The output of one program after the other, as whole lines and no more of each than a log can bear. */
export class BoundedStream {
  private partial = '';
  private written = 0;
  private cut = 0;

  /** @param line called with each line that is to be logged */
  constructor(private readonly line: (text: string) => void) {}

  /** @param text a piece of output; a line is passed on when it is complete */
  add(text: string): void {
    if (this.written >= MOST) {
      this.cut += text.length;
      return;
    }
    const lines = (this.partial + text).split(/\r?\n/u);
    this.partial = '';
    this.keep(lines.pop() ?? '');
    for (const line of lines) this.pass(line);
  }

  /** The program has ended: passes on what stands after the last line end, and says what was left out. */
  end(): void {
    this.pass(this.partial);
    if (this.cut > 0) this.line(`… ${size(this.cut)} more were printed and are not in the log.`);
    this.partial = '';
    this.written = 0;
    this.cut = 0;
  }

  private keep(rest: string): void {
    this.partial = rest.slice(0, MOST_LINE);
    this.cut += rest.length - this.partial.length;
  }

  private pass(line: string): void {
    if (line.trim() === '') return;
    const kept = line.slice(0, Math.min(MOST_LINE, Math.max(0, MOST - this.written)));
    this.cut += line.length - kept.length;
    if (kept === '') return;
    this.written += kept.length;
    this.line(kept);
  }
}

const size = (units: number): string =>
  units < 10_000
    ? `${units} characters`
    : units < 1e6
      ? `${Math.round(units / 1e3)} thousand characters`
      : `${(units / 1e6).toFixed(1)} million characters`;
