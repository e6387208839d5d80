import { matched } from './planText';

/** A title, and the state of the work that its author wrote beside it. */
export interface Marked {
  readonly title: string;
  /** Such as `COMPLETE`; absent when the heading has no state. */
  readonly mark?: string;
}

const STATES = new Set([
  'complete',
  'completed',
  'done',
  'finished',
  'implemented',
  'in progress',
  'in-progress',
  'wip',
  'started',
  'todo',
  'to do',
  'pending',
  'not started',
  'skipped',
  'blocked',
  'deferred',
]);

/** Must follow a space, because `array[x]` is code. */
const IN_BRACKETS = /(?:^|\s)(?:\[([A-Za-z][A-Za-z -]{0,14})\]|\(([A-Za-z][A-Za-z -]{0,14})\))$/u;

const BRACKETS_FIRST = /^(?:\[([A-Za-z][A-Za-z -]{0,14})\]|\(([A-Za-z][A-Za-z -]{0,14})\))/u;

const BEHIND_DASH = /(?:^|\s)[-–—:]{1,2} {0,4}(COMPLETED?|DONE|TODO|WIP|IN PROGRESS)$/u;

const SIGN_LAST = /(?:[✅✔☑🚧⏳⌛❌❎🔄⬜🔲]\ufe0f?)$/u;

const SIGN_FIRST = /^(?:[✅✔☑🚧⏳⌛❌❎🔄⬜🔲]\ufe0f?)/u;

const EMPTY_BOX_FIRST = /^\[ ?\]/u;

const BOX_FIRST = /^\[([xX])\]/u;

/** Maximum number of marks taken off one heading; further ones are part of the title. */
const MOST = 4;

/**
 * Takes state marks such as `[COMPLETE]`, `(done)`, `✅`, `— DONE` or a checkbox off both ends of a title. States
 * change, but a title names the step's folder and commits.
 */
export function splitMark(text: string): Marked {
  let title = text.trim();
  let mark: string | undefined;
  for (let n = 0; n < MOST; n++) {
    const found = markAtEnd(title) ?? markAtStart(title);
    if (found === null) break;
    title = found.rest;
    if (found.mark !== '') mark ??= found.mark;
  }
  return withMark(title, mark);
}

export const withMark = (title: string, mark: string | undefined): Marked =>
  mark === undefined ? { title } : { title, mark };

interface Found {
  readonly rest: string;
  readonly mark: string;
}

function markAtEnd(title: string): Found | null {
  const bracket = IN_BRACKETS.exec(title);
  const word = bracket?.[1] ?? bracket?.[2];
  if (bracket !== null && word !== undefined && isState(word))
    return { rest: title.slice(0, bracket.index).trim(), mark: word };
  const dashed = BEHIND_DASH.exec(title);
  if (dashed !== null && dashed.index > 0) return { rest: title.slice(0, dashed.index).trim(), mark: dashed[1] ?? '' };
  const sign = SIGN_LAST.exec(title);
  return sign === null ? null : { rest: title.slice(0, sign.index).trim(), mark: sign[0] };
}

function markAtStart(title: string): Found | null {
  const first = EMPTY_BOX_FIRST.exec(title) ?? BOX_FIRST.exec(title) ?? SIGN_FIRST.exec(title);
  if (first !== null)
    return { rest: title.slice(first[0].length).trim(), mark: first[1] ?? (first[0].startsWith('[') ? '' : first[0]) };
  const bracket = BRACKETS_FIRST.exec(title);
  const word = bracket?.[1] ?? bracket?.[2];
  return bracket !== null && word !== undefined && isState(word)
    ? { rest: title.slice(bracket[0].length).trim(), mark: word }
    : null;
}

const isState = (word: string): boolean => STATES.has(word.trim().toLowerCase());

const FINISHED = new Set(['complete', 'completed', 'done', 'finished', 'implemented', 'x', '✅', '✔', '☑']);

/** Whether a mark means that the work is done. */
export const saysDone = (mark: string): boolean => FINISHED.has(mark.trim().toLowerCase().replace('\ufe0f', ''));

/** Formats `## Step N: Title`, with the state that the original heading gave. */
export function strictHeading({
  n,
  title,
  mark,
}: {
  readonly n: number;
  readonly title: string;
  readonly mark?: string | undefined;
}): string {
  const state =
    mark === undefined
      ? ''
      : mark.toLowerCase() === 'x'
        ? ' [DONE]'
        : /^[A-Za-z]/u.test(mark)
          ? ` [${mark}]`
          : ` ${mark}`;
  return `## Step ${n}: ${title === '' ? 'Title' : title}${state}`;
}

/**
 * Spaces that editors, chats and models write where Markdown needs a plain space, and characters of zero width.
 * Zero-width joiners are not included, because they are parts of words.
 */
const ODD = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]/u;

const EACH_ODD = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]/gu;

const HEADING = /^[\s\u200b\u2060]*[#\uff03]/u;

const BULLET = /^[\s\u200b\u2060]{0,60}(?:[-*+]|[\d\uff10-\uff19]{1,9}[.)\uff0e\uff09])[\s\u200b\u2060]{1,60}/u;

/** A checkbox after a bullet. */
const BOX = /^[[\uff3b][\sxX\uff58\uff38\u200b\u2060]?[\]\uff3d][\s\u200b\u2060]{0,60}/u;

const WIDE = /[\uff03\uff10-\uff19\uff0e\uff09\uff3b\uff3d\uff58\uff38]/u;

const EACH_WIDE = /[\uff03\uff09\uff0e\uff10-\uff19\uff1a\uff38\uff3b\uff3d\uff58]/gu;

/** Distance between the code of a full-width character and its ASCII form. */
const WIDE_OFFSET = 0xfee0;

/**
 * Normalises a line before its structure is read: replaces odd spaces and full-width marks in the markup of a heading,
 * bullet or checkbox. Every character keeps its column; words stay unchanged.
 */
export function foldLine(line: string): string {
  if (!ODD.test(line) && !WIDE.test(line)) return line;
  if (HEADING.test(line)) return plainMarks(plainSpaces(line));
  const bullet = matched(BULLET, line);
  const box = matched(BOX, line.slice(bullet.length));
  if (bullet !== '') return narrow(plainSpaces(bullet + box)) + line.slice(bullet.length + box.length);
  const indent = line.length - line.replace(/^[\s\u200b\u2060]+/u, '').length;
  return indent === 0 ? line : plainSpaces(line.slice(0, indent)) + line.slice(indent);
}

const plainSpaces = (text: string): string => text.replace(EACH_ODD, ' ');

/** Replaces the marks of a heading only; its words stay unchanged. */
const plainMarks = (line: string): string => line.replace(/^\s*[#\uff03]+/u, narrow);

/** Replaces full-width digits, brackets, colons and marks by ASCII, one character for one. */
export const narrow = (text: string): string =>
  text.replace(EACH_WIDE, (wide) => String.fromCharCode(wide.charCodeAt(0) - WIDE_OFFSET));

/** Removes invisible characters; columns change. */
export const withoutInvisible = (text: string): string => text.replace(/[\u00ad\u200b\u2060\ufeff]/gu, '');
