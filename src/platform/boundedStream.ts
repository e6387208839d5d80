/** Maximum output of one program in the log, because a check can print without end. In UTF-16 units. */
const MAX_OUTPUT = 256 * 1024;

/** Maximum length of a line: longer ones make the log view slow. In UTF-16 units. */
const MAX_LINE = 4_000;

/** Passes on the output of one program after another as whole lines, up to a limit for each program. */
export class BoundedStream {
  private partial = '';
  private written = 0;
  private cut = 0;

  /** @param line receives each line to log */
  constructor(private readonly line: (text: string) => void) {}

  /** @param text a piece of output; complete lines are passed on */
  add(text: string): void {
    if (this.written >= MAX_OUTPUT) {
      this.cut += text.length;
      return;
    }
    const lines = (this.partial + text).split(/\r?\n/u);
    this.partial = '';
    this.keep(lines.pop() ?? '');
    for (const line of lines) this.pass(line);
  }

  /** Call when the program has ended: passes on an unfinished last line, and says how much was left out. */
  end(): void {
    this.pass(this.partial);
    if (this.cut > 0) this.line(`… ${size(this.cut)} more were printed and are not shown.`);
    this.partial = '';
    this.written = 0;
    this.cut = 0;
  }

  private keep(rest: string): void {
    this.partial = rest.slice(0, MAX_LINE);
    this.cut += rest.length - this.partial.length;
  }

  private pass(line: string): void {
    if (line.trim() === '') return;
    const kept = line.slice(0, Math.min(MAX_LINE, Math.max(0, MAX_OUTPUT - this.written)));
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
