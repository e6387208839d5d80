import { Findings, type Found, type Output } from './output';

/** `file:line: message`, `file:line:column: message`, also with a range or behind a program's name. */
const GNU =
  /^\s{0,20}(?:[a-z][\w-]{0,30}: )?(?<file>(?:[A-Za-z]:[\\/])?[^:]+):(?<line>\d{1,9})(?:[:.](?<column>\d{1,9}))?(?:-[\d.:]{0,20}\d)?: (?<message>.*)$/u;
const SEVERITY = /^(?<word>fatal error|error|warning|note|info|information|help|remark): ?/iu;
/** They explain the problem before. */
const EXPLAINING = new Set(['note', 'info', 'information', 'help', 'remark']);

/** Reads GNU's format, which most compilers and linters print, or can be asked to. */
export function readGnu(output: Output): Found[] {
  const found = new Findings(output);
  for (let at = 0; at < output.lines.length; at++) {
    const groups = GNU.exec(output.line(at))?.groups;
    if (!groups) continue;
    const { file = '', line, column, message = '' } = groups;
    const said = SEVERITY.exec(message);
    const word = said?.groups?.['word']?.toLowerCase() ?? '';
    if (EXPLAINING.has(word)) continue;
    // ESLint's unix format has the severity at the end.
    const mild = word === 'warning' || /\[Warning\/[^\]]*\]$/u.test(message);
    found.add(at, file, [line, column], message.slice(said?.[0].length ?? 0), mild ? 'warning' : 'error');
  }
  return found.all;
}
