import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { resolveProgram } from '../core/process/resolve';

/** How long an answer of the disk counts; typing asks the same again and again. In ms. */
const FRESH_MS = 3_000;

interface Answer<T> {
  readonly at: number;
  /** How often all had been forgotten when the disk was asked. */
  readonly forgotten: number;
  readonly value: T;
}

/** What is on the disk, remembered for a moment: answers at once what it knows and asks for the rest. */
export class Disk {
  private readonly answers = new Map<string, Answer<boolean>>();
  private readonly asked = new Map<string, Promise<boolean>>();
  private forgotten = 0;

  /** @param changed called when an answer is no longer the one that was given last */
  constructor(
    private readonly changed: () => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether a path below `top` is there; a path that leaves it counts as there, it is not ours to judge. */
  pathExists(top: string, relative: string): Promise<boolean> | boolean {
    const file = path.resolve(top, relative);
    if (file !== top && !file.startsWith(top + path.sep)) return true;
    return this.ask(`p:${file}`, () =>
      fs.lstat(file).then(
        () => true,
        () => false,
      ),
    );
  }

  programExists(top: string, name: string): Promise<boolean> | boolean {
    return this.ask(`x:${top}:${name}`, () =>
      Promise.resolve(resolveProgram(name, top, process.env, { inRepository: true }) !== null),
    );
  }

  /** Asks again for everything; until the disk has answered, what it said last still counts. */
  forget(): void {
    this.forgotten++;
    // What is being asked may have been looked at before the change.
    this.asked.clear();
  }

  private ask(key: string, look: () => Promise<boolean>): Promise<boolean> | boolean {
    const known = this.answers.get(key);
    if (known?.forgotten === this.forgotten && this.now() - known.at < FRESH_MS) return known.value;
    const open = this.asked.get(key) ?? this.start(key, look);
    // An old answer is better than a pause at every keystroke; where the new one differs, all is looked at again.
    return known?.value ?? open;
  }

  private start(key: string, look: () => Promise<boolean>): Promise<boolean> {
    const { forgotten } = this;
    const asked = look()
      .then((value) => {
        const before = this.answers.get(key);
        if (before !== undefined && before.forgotten > forgotten) return before.value;
        if (this.answers.size > 20_000) this.answers.clear();
        this.answers.set(key, { at: this.now(), forgotten, value });
        if (before !== undefined && before.value !== value) this.changed();
        return value;
      })
      .finally(() => {
        if (this.asked.get(key) === asked) this.asked.delete(key);
      });
    this.asked.set(key, asked);
    return asked;
  }
}
