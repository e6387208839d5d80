import { Findings, type Found, type Output, placeIn, withNextLine } from './output';

/** `TypeError: …`, `AssertionError [ERR_ASSERTION]: …`, also as a cause. */
const HEAD = /^(?:\[?cause\]?: |Uncaught )?(?<message>[\w$.]{0,80}(?:Error|Exception)(?: \[\w{1,60}\])?: .*)$/u;
/** The name of a failing test in Node's own list. */
const TEST = /^✖ (?<name>.*)$/u;
/** Maximum number of lines between an error and its stack. */
const MOST_BETWEEN = 100;

/** Reads errors with a stack of JavaScript, as Node, its test runner, Vitest and Mocha print them. */
export function readStacks(output: Output): Found[] {
  const found = new Findings(output);
  let head: { readonly at: number; readonly message: string } | undefined;
  let todo = false;
  for (let at = 0; at < output.lines.length; at++) {
    const line = output.line(at).trim();
    const name = TEST.exec(line)?.groups?.['name'];
    // A test that is marked as "to do" may fail.
    if (name !== undefined) todo = /# TODO\b/u.test(name);
    const message = HEAD.exec(line)?.groups?.['message'];
    if (message !== undefined) head = { at, message: withNextLine(output, at, message) };
    const place = head && at - head.at <= MOST_BETWEEN ? placeIn(frame(line)) : undefined;
    if (!head || !place) continue;
    if (todo || found.add(head.at, place.file, place.position, head.message)) head = undefined;
  }
  return found.all;
}

/** The place in one line of a stack: `at name (place)`, `at place` or `❯ place`; '' for other lines. */
function frame(line: string): string {
  const start = line.startsWith('at ') ? 'at '.length : line.startsWith('❯ ') ? '❯ '.length : -1;
  return start < 0 ? '' : placeOfFrame(line.slice(start));
}

/** @param text `name (place)` or `place` */
export function placeOfFrame(text: string): string {
  const open = text.lastIndexOf('(');
  if (open >= 0) {
    const close = text.indexOf(')', open);
    return close < 0 ? '' : text.slice(open + 1, close);
  }
  return text.slice(text.lastIndexOf(' ') + 1);
}
