import { Findings, type Found, type Output, placeIn } from './output';
import { placeOfFrame } from './stack';

const FAILED = /^\s{0,200}not ok\b(?: \d{1,9})?(?: - )?(?<name>.*)$/u;
/** Directives after which a failure does not count. */
const ALLOWED = /# (?:todo|skip)\b/iu;
/** Maximum number of lines of one block. */
const MOST_LINES = 500;

/** Reads failing tests of TAP with a block of details, as Node's test runner and tape print them. */
export function readTap(output: Output): Found[] {
  const found = new Findings(output);
  for (let at = 0; at < output.lines.length; at++) {
    const name = FAILED.exec(output.line(at))?.groups?.['name'];
    if (name === undefined || output.line(at + 1).trim() !== '---') continue;
    const end = endOfBlock(output, at + 2);
    const details = output.lines.slice(at + 2, end).map((line) => line.trim());
    output.close(at, end);
    // A parent repeats that its children have failed.
    if (!ALLOWED.test(name) && !details.includes("failureType: 'subtestsFailed'")) add(found, at, name, details);
    at = end - 1;
  }
  return found.all;
}

function endOfBlock(output: Output, from: number): number {
  let end = from;
  while (end < output.lines.length && end - from < MOST_LINES && output.line(end).trim() !== '...') end++;
  return end;
}

/** Adds the first frame of the stack that is in the repository, else the place of the test. */
function add(found: Findings, at: number, name: string, details: readonly string[]): void {
  const message = messageOf(details) || name;
  const stack = details.indexOf('stack: |-');
  const frames = stack < 0 ? [] : details.slice(stack + 1).map(placeOfFrame);
  for (const text of [...frames, placeOfFrame(valueOf(details, 'at')), valueOf(details, 'location')]) {
    const place = placeIn(text);
    if (place && found.add(at, place.file, place.position, message)) return;
  }
}

/** The value of a key that stands on one line; '' if there is none. */
function valueOf(details: readonly string[], key: string): string {
  const line = details.find((one) => one.startsWith(`${key}: `));
  return line === undefined ? '' : unquoted(line.slice(key.length + 2));
}

/** The value of `error`; of several lines the first, and one more where the first ends with a colon. */
function messageOf(details: readonly string[]): string {
  const value = valueOf(details, 'error');
  if (value !== '|-') return value;
  const from = details.indexOf('error: |-') + 1;
  const [first = '', second = ''] = details.slice(from, from + 10).filter((line) => line !== '');
  return first.endsWith(':') ? `${first} ${second}` : first;
}

function unquoted(value: string): string {
  const [first] = value;
  return (first === "'" || first === '"') && value.endsWith(first) ? value.slice(1, -1) : value;
}
