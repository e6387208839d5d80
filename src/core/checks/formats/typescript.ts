import { Findings, type Found, type Output } from './output';

/** `src/a.ts(3,5): error TS2322: …`; MSBuild prints the same. */
const PLAIN = /^(?<file>[^(]+)\((?<line>\d{1,9}),(?<column>\d{1,9})\): (?<severity>error|warning) (?<message>.*)$/u;
/** `src/a.ts:3:5 - error TS2322: …`. */
const PRETTY =
  /^(?<file>(?:[A-Za-z]:[\\/])?[^:]+):(?<line>\d{1,9}):(?<column>\d{1,9}) - (?<severity>error|warning) (?<message>.*)$/u;
/** Maximum number of indented lines that belong to one message. */
const MOST_LINES = 10;

/** Reads what the TypeScript compiler prints, both plain and pretty. */
export function readTypeScript(output: Output): Found[] {
  const found = new Findings(output);
  for (let at = 0; at < output.lines.length; at++) {
    const line = output.line(at);
    const groups = (PLAIN.exec(line) ?? PRETTY.exec(line))?.groups;
    if (!groups) continue;
    const { file = '', line: row, column, severity, message = '' } = groups;
    let end = at + 1;
    while (end - at <= MOST_LINES && /^ {2,}\S/u.test(output.line(end))) end++;
    const whole = [message, ...output.lines.slice(at + 1, end)].join('\n');
    found.add(at, file, [row, column], whole, severity === 'warning' ? 'warning' : 'error');
    output.close(at, end);
  }
  return found.all;
}
