import { WeldError } from '../errors';
import type { Trailer } from './types';

const TRAILER = /^([A-Za-z0-9-]+): \S/u;
/** Git takes all below such a line for no part of the message, so trailers below it would not be found again. */
const SCISSORS = /^\S+ -{24} >8 -{24}/u;

/**
 * A commit message with trailers at its end, where git and others look for them, whatever it ends with. Git itself is
 * not
 * asked: it would read the person's `trailer.*` settings, run their commands, and put trailers before comments.
 * @throws WeldError `INVALID_ARGUMENT`, `CONFIG_INVALID`
 */
export function messageWith(message: string, trailers: readonly Trailer[]): string {
  if (message.trim() === '') throw new WeldError('INVALID_ARGUMENT', 'The commit message is empty; write one.');
  if (message.includes('\0'))
    throw new WeldError(
      'INVALID_ARGUMENT',
      'The commit message holds a NUL character, which git does not take; remove it.',
    );
  for (const { key, value } of trailers)
    if (!/^[A-Za-z0-9-]+$/u.test(key) || /[\r\n\0]/u.test(value))
      throw new WeldError(
        'CONFIG_INVALID',
        `"${key}" cannot be a trailer of a commit; use letters, digits and hyphens for git.commit_trailer_key.`,
      );
  const lines = tidy(message);
  const block = lines.slice(lines.lastIndexOf('') + 1);
  const joins = block.length < lines.length && isTrailers(block);
  const told = new Set(joins ? block : []);
  const added = trailers
    .map(({ key, value }) => `${key}: ${value}`)
    .filter((line, at, all) => !told.has(line) && all.indexOf(line) === at);
  return `${[...lines, ...(added.length > 0 && !joins ? [''] : []), ...added].join('\n')}\n`;
}

/** Lines without blanks at their ends; one empty line at most between paragraphs, none at the ends. */
function tidy(message: string): string[] {
  const lines = message
    .split(/\r\n|\r|\n/u)
    .map((line) => line.trimEnd())
    .map((line) => (SCISSORS.test(line) ? ` ${line}` : line));
  const kept = lines.filter((line, at) => line !== '' || (at > 0 && lines[at - 1] !== ''));
  return kept.at(-1) === '' ? kept.slice(0, -1) : kept;
}

/** Whether a paragraph is one of trailers alone, so that more of them continue it. */
function isTrailers(block: readonly string[]): boolean {
  const own = block.map((line) => TRAILER.exec(line)?.[1]);
  return (
    own[0] !== undefined &&
    block.every(
      (line, at) => own[at] !== undefined || /^\s/u.test(line) || line.startsWith('(cherry picked from commit '),
    )
  );
}
