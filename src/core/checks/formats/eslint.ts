import { Findings, type Found, type Output } from './output';

const PROBLEM =
  /^\s{1,20}(?<line>\d{1,9}):(?<column>\d{1,9})\s{1,20}(?<severity>error|warning)\s{1,20}(?<message>\S.*)$/u;

/** Reads ESLint's stylish format: a line with the file, below it a line for each problem. */
export function readEslint(output: Output): Found[] {
  const found = new Findings(output);
  let file = '';
  for (let at = 0; at < output.lines.length; at++) {
    const line = output.line(at);
    if (/^\S/u.test(line)) file = line;
    const groups = PROBLEM.exec(line)?.groups;
    if (!groups || file === '') continue;
    const { line: row, column, severity, message = '' } = groups;
    found.add(at, file, [row, column], withRule(message), severity === 'warning' ? 'warning' : 'error');
    output.close(at);
  }
  return found.all;
}

/** The rule stands behind the message, with two spaces or more between them. */
function withRule(line: string): string {
  const text = line.trim();
  const gap = text.lastIndexOf('  ');
  return gap < 0 ? text : `${text.slice(0, gap).trim()} (${text.slice(gap).trim()})`;
}
