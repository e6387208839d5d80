import { lstatSync, type Stats } from 'node:fs';

/** The clocks of most file systems count in steps shorter than this, in ms. */
const FINE_STEP_MS = 100;
/** FAT counts in steps of two seconds; other coarse clocks count whole seconds. In ms. */
const COARSE_STEP_MS = 2_000;

/** How some files and folders look now, to find out later whether one of them has changed. */
export class Look {
  private readonly noted: { readonly file: string; readonly looks: readonly number[] }[] = [];
  /** False when a later change could look the same: right after a change, and behind a link. */
  private certain = true;

  /** Note a folder before listing it and a file before reading it. @param files absolute paths; missing ones count */
  note(...files: readonly string[]): void {
    const now = Date.now();
    for (const file of files) {
      const stat = statOf(file);
      this.noted.push({ file, looks: looksOf(stat) });
      if (stat && (stat.isSymbolicLink() || isYoung(stat, now))) this.certain = false;
    }
  }

  /** Whether everything still looks as noted, so that it has the same content. */
  holds(): boolean {
    return (
      this.certain &&
      this.noted.every(({ file, looks }) => {
        const now = looksOf(statOf(file));
        return looks.every((one, i) => one === now[i]);
      })
    );
  }
}

/** Undefined when nothing is there; null when that cannot be found out. */
function statOf(file: string): Stats | null | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return null;
  }
}

/** What cannot be looked at equals nothing, itself included. */
function looksOf(stat: Stats | null | undefined): readonly number[] {
  if (stat === null) return [Number.NaN];
  return stat ? [stat.mode, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs] : [0];
}

/** Whether a file may change once more and keep its times. */
function isYoung({ mtimeMs, ctimeMs }: Stats, now: number): boolean {
  const changed = Math.max(mtimeMs, ctimeMs);
  return changed > now - (changed % 1_000 === 0 ? COARSE_STEP_MS : FINE_STEP_MS);
}

/**
 * Keeps values for as long as the files that they were made from look the same. An unchanged value is the same object.
 * For views only: whoever decides by a file reads it.
 */
export class KeptByStat<T> {
  private readonly kept = new Map<string, { readonly look: Look; readonly value: T }>();
  private readonly turns = new Map<string, Promise<T>>();

  /** @param most maximum number of values kept; the one kept longest goes first */
  constructor(private readonly most: number) {}

  /**
   * @param make makes the value and notes what it depends on; when it throws, nothing is kept
   * @returns a value that is not older than this call
   */
  async get(key: string, make: (look: Look) => Promise<T>): Promise<T> {
    // One at a time for each key: the second looks at what the first has just made.
    const before = this.turns.get(key);
    const turn = before
      ? before.then(
          () => this.current(key, make),
          () => this.current(key, make),
        )
      : this.current(key, make);
    this.turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.turns.get(key) === turn) this.turns.delete(key);
    }
  }

  private async current(key: string, make: (look: Look) => Promise<T>): Promise<T> {
    const kept = this.kept.get(key);
    if (kept?.look.holds()) return kept.value;
    const look = new Look();
    const value = await make(look);
    this.kept.delete(key);
    this.kept.set(key, { look, value });
    const [longest] = this.kept.keys();
    if (this.kept.size > this.most && longest !== undefined) this.kept.delete(longest);
    return value;
  }
}
