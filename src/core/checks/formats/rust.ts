import { Findings, type Found, type Output, placeIn } from './output';

const HEAD = /^(?<severity>error|warning)(?<code>\[\w{1,60}\])?: (?<message>.*)$/u;
const ARROW = /^\s{0,20}--> (?<place>\S.*)$/u;
const PANICKED = ' panicked at ';

/** Reads what rustc, cargo and clippy print: a line that says what is wrong, and below it an arrow to the place. */
export function readRust(output: Output): Found[] {
  const found = new Findings(output);
  let head: { readonly severity: 'error' | 'warning'; readonly message: string } | undefined;
  for (let at = 0; at < output.lines.length; at++) {
    const line = output.line(at);
    const { severity, code = '', message } = HEAD.exec(line)?.groups ?? {};
    if (message !== undefined)
      head = {
        severity: severity === 'warning' ? 'warning' : 'error',
        message: code === '' ? message : `${message} ${code}`,
      };
    const place = head && placeIn(ARROW.exec(line)?.groups?.['place'] ?? '');
    if (head && place) {
      found.add(at, place.file, place.position, head.message, head.severity);
      head = undefined;
    }
    if (line.startsWith("thread '")) addPanic(found, output, at, line);
  }
  return found.all;
}

/** The message stands in the next line; before Rust 1.73: `… panicked at 'message', src/lib.rs:9:5`. */
function addPanic(found: Findings, output: Output, at: number, line: string): void {
  const from = line.indexOf(PANICKED);
  if (from < 0) return;
  const rest = line.slice(from + PANICKED.length);
  if (rest.endsWith(':')) {
    const place = placeIn(rest.slice(0, -1));
    const below = [output.line(at + 2), output.line(at + 3)].filter((one) => /^ {1,2}(?:left|right): /u.test(one));
    const message = [output.line(at + 1), ...below.map((one) => one.trim())].join('\n');
    if (place) found.add(at, place.file, place.position, message);
    return;
  }
  const gap = rest.lastIndexOf("', ");
  const place = gap < 0 ? undefined : placeIn(rest.slice(gap + "', ".length));
  if (place) found.add(at, place.file, place.position, rest.slice(1, gap));
}
