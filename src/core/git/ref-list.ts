export interface Ref {
  readonly name: string;
  /** The id of the object that it names. */
  readonly oid: string;
}

/** Refs as git lists them. There may be many thousands, which nobody takes apart as long as they equal what was there before. */
export class RefList {
  /** @param lines an id and a name each */
  constructor(private readonly lines: readonly string[]) {}

  /** Each taken apart. */
  all(): Ref[] {
    return this.lines.map((line) => ({ name: line.slice(line.indexOf(' ') + 1), oid: line.slice(0, line.indexOf(' ')) }));
  }

  equals({ lines }: RefList): boolean {
    return this.lines === lines || (this.lines.length === lines.length && this.lines.every((line, i) => line === lines[i]));
  }
}
