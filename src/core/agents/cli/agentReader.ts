import * as path from 'node:path';
import type { AgentEvent } from '../agent';

/** What an event means for the watchdog: work goes on, the service is asked again, or nothing. */
export type Sign = 'progress' | 'retry' | 'nothing';

/** What the events of a program have told so far. */
export interface Report {
  readonly sessionId?: string | undefined;
  readonly tokens?: number | undefined;
  readonly costUsd?: number | undefined;
  /** What it was not allowed to do. */
  readonly denials?: readonly string[] | undefined;
  /** Present once the program said that the task has ended well. */
  readonly answer?: { readonly text: string; readonly structured?: unknown } | undefined;
  /** The last thing that went wrong, by the program's own account. */
  readonly trouble?: Trouble | undefined;
}

/** Understands the events of one program; never throws, whatever it is given. */
export interface Reader {
  take(event: Fields): Sign;
  /** The output has ended: what was held back is passed on. */
  end(): void;
  readonly report: Report;
  /** True once waiting cannot help, such as after a refused key: the program would try for minutes. */
  readonly hopeless: boolean;
  /** True while a tool of the program works, which may be silent for long. */
  readonly busy: boolean;
  /** How long the program said it waits before it tries again, in ms. */
  readonly waitMs: number;
}

export type Emit = (event: AgentEvent) => void;

/**
 * The longest that a program is left to wait out a rate limit by itself, in ms: a longer wait is the loop's, which
 * shows it.
 */
export const LONGEST_OWN_WAIT_MS = 60_000;

/** What an event of a program may hold; every field is somebody else's word and is checked where it is read. */
export type Fields = Readonly<Record<string, unknown>>;

export const record = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** A number that can be counted with: finite and not negative. */
export const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

/** One line of at most `longest` characters. */
export function oneLine(value: string, longest = 200): string {
  const flat = value
    .slice(0, longest * 4)
    .replace(/\s+/gu, ' ')
    .trim();
  return flat.length > longest ? `${flat.slice(0, longest - 1)}…` : flat;
}

/** Paths below the repository are shown relative to it. */
export const relativeTo = (top: string, value: string): string =>
  value.startsWith(top + path.sep) ? value.slice(top.length + 1) : value;

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
    private readonly onValue: (value: Fields) => void,
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
    // The first character spares the parser what programs print between their events.
    const value = line?.startsWith('{') === true ? parseRecord(line) : undefined;
    if (value) this.onValue(value);
    else this.unreadable++;
  }
}

/** @returns the JSON object that a text holds; undefined for anything else */
export function parseRecord(json: string): Fields | undefined {
  try {
    return record(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** What a program or its service said went wrong, in its own words and numbers. */
export interface Trouble {
  /** HTTP status of the service, where it is known. */
  readonly status?: number | undefined;
  /** The program's own name for it, such as `billing_error`. */
  readonly code?: string | undefined;
  readonly text: string;
  /** How long the service said to wait, in ms. */
  readonly retryAfterMs?: number | undefined;
}

export type Stopped = 'hopeless' | 'silent' | 'answered';
