import * as path from 'node:path';
import type { AgentEvent } from '../agent';

/** What an event means for the watchdog: progress, another attempt at the service, or nothing. */
export type Sign = 'progress' | 'retry' | 'nothing';

/** What the events of a program have reported so far. */
export interface Report {
  readonly sessionId?: string | undefined;
  readonly tokens?: { readonly in: number; readonly out: number } | undefined;
  readonly model?: string | undefined;
  readonly costUsd?: number | undefined;
  /** Actions that the program was denied. */
  readonly denials?: readonly string[] | undefined;
  /** Set once the program reports that the task succeeded. */
  readonly answer?: { readonly text: string; readonly structured?: unknown } | undefined;
  /** The last error that the program reported. */
  readonly trouble?: Trouble | undefined;
}

/** Reads the events of one program. Never throws, whatever the input. */
export interface Reader {
  take(event: Fields): Sign;
  /** The output has ended: no tool is running any more. */
  end(): void;
  readonly report: Report;
  /** True once waiting cannot help, such as after a refused key: the program would retry for minutes. */
  readonly hopeless: boolean;
  /** True while the program runs a tool, which may be silent for long. */
  readonly busy: boolean;
  /** How long the program waits before it retries, in ms. */
  readonly waitMs: number;
}

export type Emit = (event: AgentEvent) => void;

/**
 * Maximum time that a program may wait for a rate limit by itself, in ms. The loop takes longer waits, and shows them.
 */
export const LONGEST_OWN_WAIT_MS = 60_000;

/** The fields of an event. They are untrusted: each is checked where it is read. */
export type Fields = Readonly<Record<string, unknown>>;

export const record = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** A finite number that is not negative. */
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

/** A path below the repository, relative to its top; other paths unchanged. */
export const relativeTo = (top: string, value: string): string =>
  value.startsWith(top + path.sep) ? value.slice(top.length + 1) : value;

/** Maximum length of a line, in characters: far beyond any event, but harmless in memory. */
const LONGEST_LINE = 8 * 1024 * 1024;

/**
 * Splits a program's output into lines of JSON. Counts and skips lines that hold no JSON object or exceed the limit, so
 * that a bad line never costs the next ones, and memory stays bounded.
 */
export class JsonLines {
  /** Number of lines that could not be read, not counting empty ones. */
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

  /** Reads the last line, which may lack its newline. */
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

/** What a program or its service reported as wrong, in its own words and numbers. */
export interface Trouble {
  /** HTTP status of the service, if known. */
  readonly status?: number | undefined;
  /** The program's own code for it, such as `billing_error`. */
  readonly code?: string | undefined;
  readonly text: string;
  /** How long the service asks to wait, in ms. */
  readonly retryAfterMs?: number | undefined;
}

export type Stopped = 'hopeless' | 'silent' | 'answered';
