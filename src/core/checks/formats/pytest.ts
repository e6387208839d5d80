import { Findings, type Found, type Output, type Place } from './output';

/** `tests/test_a.py:5: AssertionError`, `tests/test_a.py:5: in test_a`, `tests/test_a.py:5: `. */
const LOCATION = /^(?<file>(?:[A-Za-z]:[\\/])?[^:]+\.pyi?):(?<line>\d{1,9}):(?: (?<rest>.*))?$/u;
/** What is wrong, each line behind an E. */
const WRONG = /^E {3}(?<text>.*)$/u;
const WRONG_PLACE = /^File "(?<file>[^"]+)", line (?<line>\d{1,9})/u;
/** Lines between two failures: `____ test_a ____`, `==== FAILURES ====`. */
const BETWEEN = /^(?:_{3,}|={3,}) /u;
const ERROR_NAME = /^[\w.]+$/u;

/** Reads pytest's failures and errors of collection in its long, short and one-line styles. */
export function readPytest(output: Output): Found[] {
  const reading = new Reading(output);
  for (let at = 0; at < output.lines.length; at++) reading.line(at, output.line(at));
  reading.finish();
  return reading.found.all;
}

class Reading {
  readonly found: Findings;
  private wrong: string[] = [];
  private wrongAt = 0;
  /** The innermost place of this failure that is in the repository. */
  private place: Place | undefined;

  constructor(private readonly output: Output) {
    this.found = new Findings(output);
  }

  line(at: number, line: string): void {
    const text = WRONG.exec(line)?.groups?.['text'];
    if (text !== undefined) this.noteWrong(at, text.trim());
    else if (BETWEEN.test(line)) this.finish();
    else this.noteLocation(at, line);
  }

  /** The end of one failure: the short style names no place after what is wrong. */
  finish(): void {
    if (this.place) this.found.add(this.wrongAt, this.place.file, this.place.position, this.message());
    this.wrong = [];
    this.place = undefined;
  }

  private noteWrong(at: number, text: string): void {
    if (this.wrong.length === 0) this.wrongAt = at;
    const { file = '', line } = WRONG_PLACE.exec(text)?.groups ?? {};
    if (line === undefined) this.wrong.push(text);
    else this.notePlace(file, line);
  }

  private noteLocation(at: number, line: string): void {
    const groups = LOCATION.exec(line)?.groups;
    if (!groups) return;
    const { file = '', line: row = '', rest = '' } = groups;
    const inner = rest === '' || rest.startsWith('in ');
    // Without a word on what is wrong it is another program's line, such as a type checker's.
    if (!inner && this.wrong.length === 0) return;
    this.output.close(at);
    this.notePlace(file, row);
    if (inner) return;
    if (!ERROR_NAME.test(rest)) this.wrong = [rest];
    this.finish();
  }

  private notePlace(file: string, line: string): void {
    if (this.output.places.find(file) !== undefined) this.place = { file, position: [line] };
  }

  /** Of a syntax error the last line counts: the others show the source. */
  private message(): string {
    const [first = ''] = this.wrong;
    return this.wrong.find((text) => /^\w*(?:Error|Exception)\b/u.test(text)) ?? first;
  }
}
