import { Findings, type Found, type Output, type Place } from './output';

const FRAME = /^\s{2,}File "(?<file>[^"]+)", line (?<line>\d{1,9})/u;

/** Reads tracebacks of Python, also those of unittest: the innermost place in the repository, and the error below. */
export function readTracebacks(output: Output): Found[] {
  const found = new Findings(output);
  let place: Place | undefined;
  for (let at = 0; at < output.lines.length; at++) {
    const line = output.line(at);
    const { file, line: row } = FRAME.exec(line)?.groups ?? {};
    if (file !== undefined) {
      if (output.places.find(file) !== undefined) place = { file, position: [row] };
    } else if (place && /^\S/u.test(line)) {
      found.add(at, place.file, place.position, line);
      place = undefined;
    }
  }
  return found.all;
}
