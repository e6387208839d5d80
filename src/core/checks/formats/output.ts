import { stripVTControlCharacters } from 'node:util';
import type { Places } from './places';

/** A problem that a check's output tells of. */
export interface Found {
  /** Index of the line of the output that tells it. */
  readonly at: number;
  /** Relative to the repository's top, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; undefined if the output does not tell it. */
  readonly column?: number | undefined;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** Reads one format. Lines of other formats are passed over. */
export type Reader = (output: Output) => Found[];

/** Longer lines are cut: no format needs them. */
const MOST_LINE = 2_000;
const MOST_MESSAGE = 1_000;
/** Maximum number of problems that one reader finds. */
const MOST_FOUND = 2_000;

/** The lines of a check's output, without colours. A line that one reader has understood is closed to later ones. */
export class Output {
  readonly lines: readonly string[];
  private readonly read = new Set<number>();

  constructor(
    text: string,
    readonly places: Places,
  ) {
    this.lines = text.split('\n').map(plain);
  }

  /** The line at an index; '' for one that another reader has understood, and behind the end. */
  line(at: number): string {
    return this.read.has(at) ? '' : (this.lines[at] ?? '');
  }

  /** Marks the lines from `at` to before `end` as understood. */
  close(at: number, end = at + 1): void {
    for (let index = at; index < end; index++) this.read.add(index);
  }
}

/** A line without colours and the end of a Windows line. */
function plain(line: string): string {
  const cut = line.length > MOST_LINE ? line.slice(0, MOST_LINE) : line;
  const text = cut.includes('\u001B') || cut.includes('\u009B') ? stripVTControlCharacters(cut) : cut;
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** Collects what a reader finds. */
export class Findings {
  readonly all: Found[] = [];

  constructor(private readonly output: Output) {}

  /**
   * Adds a problem unless its place is outside of the repository.
   * @param position line and column as digits; the column may be missing
   * @returns whether it was added
   */
  add(
    at: number,
    file: string,
    [line, column]: readonly (string | undefined)[],
    message: string,
    severity: Found['severity'] = 'error',
  ): boolean {
    const found = this.output.places.find(file.trim());
    const [row, text] = [Number(line), tidy(message)];
    if (found === undefined || !(row > 0) || text === '' || this.all.length >= MOST_FOUND) return false;
    const place = Number(column) > 0 ? { column: Number(column) } : {};
    this.all.push({ at, file: found, line: row, ...place, severity, message: text });
    return true;
  }
}

/** A message without control characters, of a length that a list can show. */
function tidy(message: string): string {
  const text = message.replace(/[^\P{Cc}\n]/gu, ' ').trim();
  return text.length > MOST_MESSAGE ? `${text.slice(0, MOST_MESSAGE)}…` : text;
}

/** A place at the end of a text, such as `src/a.ts:3:5` with or without a column. */
const PLACE_AT_END =
  /^(?<file>(?:[A-Za-z]:[\\/]|file:\/\/\/?[A-Za-z]:|file:)?[^:]+):(?<line>\d{1,9})(?::(?<column>\d{1,9}))?$/u;

export interface Place {
  readonly file: string;
  readonly position: readonly (string | undefined)[];
}

/** @param text a path or `file:` URL with a line, such as `src/a.ts:3:5` or `/src/a.go:3` */
export function placeIn(text: string): Place | undefined {
  const { file, line, column } = PLACE_AT_END.exec(text)?.groups ?? {};
  return file === undefined ? undefined : { file, position: [line, column] };
}

/** A sentence that ends with a colon goes on in the next line that is not empty. */
export function withNextLine(output: Output, at: number, message: string): string {
  if (!message.endsWith(':')) return message;
  const next = [1, 2, 3].map((step) => output.line(at + step).trim()).find((line) => line !== '');
  return next === undefined ? message : `${message} ${next}`;
}
