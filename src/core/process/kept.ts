/** Keeps the first and the last part of a stream, so that any amount can flow by in flat memory. */
export class KeptOutput {
  private readonly head: Buffer[] = [];
  private headBytes = 0;
  private tail: Buffer[] = [];
  private tailBytes = 0;
  private cutBytes = 0;

  /** @param limit most bytes kept, half of them from the beginning and half from the end */
  constructor(private readonly limit: number) {}

  add(chunk: Buffer): void {
    const room = Math.ceil(this.limit / 2) - this.headBytes;
    if (room > 0) {
      this.head.push(chunk.subarray(0, room));
      this.headBytes += Math.min(room, chunk.length);
    }
    const rest = room > 0 ? chunk.subarray(room) : chunk;
    if (rest.length === 0) return;
    this.tail.push(rest);
    this.tailBytes += rest.length;
    if (this.tailBytes > this.limit) this.trim();
  }

  get truncated(): boolean {
    this.trim();
    return this.cutBytes > 0;
  }

  bytes(): Buffer {
    this.trim();
    return Buffer.concat([...this.head, ...this.tail]);
  }

  /** Runs only when the tail is twice its size, so that each byte is moved a bounded number of times. */
  private trim(): void {
    const excess = this.tailBytes - Math.floor(this.limit / 2);
    if (excess <= 0) return;
    this.tail = [Buffer.from(Buffer.concat(this.tail).subarray(excess))];
    this.tailBytes -= excess;
    this.cutBytes += excess;
  }
}
