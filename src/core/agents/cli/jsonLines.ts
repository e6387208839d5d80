/** Longest line that is read, in characters: far beyond any event, far below what would hurt. */
const LONGEST_LINE = 8 * 1024 * 1024;

/**
 * Cuts a program's output into lines of JSON. What is no JSON object, or is longer than the limit, is counted and left
 * out: one bad line never costs the ones after it, and memory stays bounded whatever the program prints.
 */
export class JsonLines {
  /** Lines that could not be read, empty ones aside. */
  unreadable = 0;
  private pieces: string[] = [];
  private length = 0;
  private skipping = false;

  constructor(
    private readonly onValue: (value: Readonly<Record<string, unknown>>) => void,
    private readonly longest = LONGEST_LINE,
  ) {}

  /** @param text the next piece of output, cut anywhere */
  push(text: string): void {
    let from = 0;
    for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
      this.add(text.slice(from, to));
      this.endLine();
      from = to + 1;
    }
    if (from < text.length) this.add(text.slice(from));
  }

  /** The output has ended; a last line without its newline counts. */
  end(): void {
    this.endLine();
  }

  private add(piece: string): void {
    if (this.skipping) return;
    this.length += piece.length;
    if (this.length > this.longest) {
      this.skipping = true;
      this.pieces = [];
      return;
    }
    this.pieces.push(piece);
  }

  private endLine(): void {
    const line = this.skipping ? undefined : this.pieces.join('').trim();
    this.pieces = [];
    this.length = 0;
    this.skipping = false;
    if (line === '') return;
    const value = line === undefined ? undefined : parse(line);
    if (value) this.onValue(value);
    else this.unreadable++;
  }
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined; // spares the parser what programs print between their events
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
