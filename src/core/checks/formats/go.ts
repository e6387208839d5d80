import { Findings, type Found, type Output, placeIn } from './output';

/** `    cart_test.go:12: got 3, want 4`: the file's name alone, its package follows. */
const TOLD = /^\s{4,200}(?<file>[^\s:/\\]+\.go):(?<line>\d{1,9}):(?: (?<message>.*))?$/u;
/** `FAIL	example.com/shop/cart	0.01s`. */
const PACKAGE = /^(?<result>FAIL|ok {2})\t(?<name>\S+)/u;
const TEST = /^\s{0,200}(?<mark>=== RUN|--- PASS|--- FAIL|--- SKIP)/u;
/** `	/home/ann/shop/cart/cart.go:12 +0x1d`. */
const FRAME = /^\t(?<place>\S.*\.go:\d{1,9})(?: \+0x[0-9a-f]{1,16})?$/u;

interface Told {
  readonly at: number;
  readonly file: string;
  readonly line: string | undefined;
  readonly message: string;
}

/** Reads failures of `go test`. What `go build` and `go vet` print is in GNU's format. */
export function readGoTests(output: Output): Found[] {
  const reading = new Reading(output);
  for (let at = 0; at < output.lines.length; at++) reading.line(at, output.line(at));
  reading.endPackage('');
  return reading.found.all;
}

class Reading {
  readonly found: Findings;
  private told: Told[] = [];
  /** How many lines were told before the current test. */
  private before = 0;

  constructor(private readonly output: Output) {
    this.found = new Findings(output);
  }

  line(at: number, line: string): void {
    const { file, line: row, message = '' } = TOLD.exec(line)?.groups ?? {};
    if (file !== undefined) this.told.push({ at, file, line: row, message: message || this.output.line(at + 1) });
    else if (!this.mark(line)) this.package(line);
  }

  /** @param name the package's import path; '' if unknown */
  endPackage(name: string): void {
    for (const one of this.told) addBelow(this.found, this.output, name, one);
    this.told = [];
    this.before = 0;
  }

  private mark(line: string): boolean {
    const mark = TEST.exec(line)?.groups?.['mark'];
    if (mark === '=== RUN') this.before = this.told.length;
    // With -v a test's lines stand before its result.
    else if (mark === '--- PASS' || mark === '--- SKIP') this.told.length = Math.min(this.told.length, this.before);
    return mark !== undefined;
  }

  private package(line: string): void {
    const { result, name = '' } = PACKAGE.exec(line)?.groups ?? {};
    if (result === undefined) return;
    if (result !== 'FAIL') this.told = [];
    this.endPackage(name);
  }
}

/** An import path ends with the package's folder; how many of its words come before that, go.mod says. */
function addBelow(found: Findings, output: Output, name: string, told: Told): void {
  const words = name.split('/').slice(-20);
  for (let from = 0; from <= words.length; from++) {
    const file = [...words.slice(from), told.file].join('/');
    if (!found.add(told.at, file, [told.line], told.message)) continue;
    output.close(told.at);
    return;
  }
}

/** Reads panics of Go: the innermost place in the repository. */
export function readGoPanics(output: Output): Found[] {
  const found = new Findings(output);
  let panic: { readonly at: number; readonly message: string } | undefined;
  for (let at = 0; at < output.lines.length; at++) {
    const line = output.line(at);
    if (line.startsWith('panic: ')) panic = { at, message: line };
    const place = panic && placeIn(FRAME.exec(line)?.groups?.['place'] ?? '');
    if (panic && place && found.add(panic.at, place.file, place.position, panic.message)) panic = undefined;
  }
  return found.all;
}
