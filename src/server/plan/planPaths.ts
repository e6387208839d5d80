import * as path from 'node:path';
import type { PlanItem, PlanSection, PlanStep, Range } from '../../core/plan';
import { rangeInLine } from '../ranges';

/** A path or a program that a plan names, with its range. */
export interface Reference {
  readonly text: string;
  readonly range: Range;
}

/** Gives the text of a line, without its line break; lines count from 0. */
export type LineAt = (line: number) => string;

/** The part of a line that belongs to an item. */
export interface ItemLine {
  readonly line: number;
  /** Column where the item's text begins. In UTF-16 units. */
  readonly from: number;
  readonly text: string;
}

/** The source lines of an item. */
export function linesOf({ range }: PlanItem, lineAt: LineAt): readonly ItemLine[] {
  const lines: ItemLine[] = [];
  for (let line = range.start.line; line <= range.end.line; line++) {
    const text = lineAt(line);
    const from = line === range.start.line ? range.start.character : 0;
    lines.push({ line, from, text: text.slice(from, line === range.end.line ? range.end.character : text.length) });
  }
  return lines;
}

/** @param at where the reference begins in the line's text, in UTF-16 units */
export const reference = ({ line, from }: ItemLine, at: number, text: string): Reference => ({
  text,
  range: rangeInLine(line, from + at, from + at + text.length),
});

/** A name with a file extension. */
export const HAS_ENDING = /\.[A-Za-z]\w{0,9}$/u;

/** Pattern source for the name of a folder or file, including `[id]` and `(group)`. */
const SEGMENT = String.raw`(?:[\p{L}\p{M}\p{N}_@.~+-]|\[{1,2}[\p{L}\p{N}_.-]+\]{1,2}|\([\p{L}\p{N}_.-]+\))+`;

export interface PathReference extends Reference {
  /** Whether the plan says that the file is new. */
  readonly announced: boolean;
}

/** The repository paths in a step's *Changes*. */
export function pathsOf(step: PlanStep, lineAt: LineAt): readonly PathReference[] {
  return step.sections
    .filter((section) => section.name === 'changes')
    .flatMap((section) => pathsInSection(section, lineAt));
}

/**
 * The paths of one section. Paths below an item, label or heading such as "New files:" are announced. So is the path
 * of an item when an item below it says that it is new.
 */
function pathsInSection(section: PlanSection, lineAt: LineAt): readonly PathReference[] {
  const found: { readonly column: number; readonly paths: PathReference[] }[] = [];
  let group = -1;
  let headed = false;
  let line = section.heading.end.line + 1;
  for (const item of section.items) {
    for (; line < item.range.start.line; line++) headed = headedNew(lineAt(line)) ?? headed;
    const column = item.range.start.character;
    if (column <= group) group = -1;
    const below = group >= 0 || headed;
    const paths = pathsIn(item, lineAt).map((path) => (below ? { ...path, announced: true } : path));
    if (group < 0 && GROUP.test(item.text)) group = column;
    const above = found.at(-1);
    if (paths.length > 0 || above === undefined) found.push({ column, paths });
    else if (above.column < column && saysNew(item.text))
      above.paths.splice(0, 1, ...above.paths.slice(0, 1).map((path) => ({ ...path, announced: true })));
  }
  return found.flatMap(({ paths }) => paths);
}

const GROUP = /^[*_]*(?:new|created?|add(?:ed)?)\b[^`/]*:[*_]*$/iu;

/** Nouns that mean a file or a folder. */
const FILE_NOUNS = new Set(
  (
    'file files module modules script scripts test tests component components class page migration migrations ' +
    'folder folders directory directories doc docs document documents fixture fixtures package packages'
  ).split(' '),
);
/** Words that may stand before "new" in a remark. */
const BEFORE_NEW = /^[*_\s]{0,4}(?:(?:this|it|is|an?|the|brand|entirely|newly|totally|will|be|to|file)[ -]){0,4}/iu;

/** Whether an item or remark announces a new file. "New helper" does not: an old file can hold it. */
function saysNew(remark: string): boolean {
  const text = remark.replace(BEFORE_NEW, '');
  const nouns = /^new[ -]((?:\w{1,20}[ -]){0,2}\w{1,20})/iu.exec(text)?.[1]?.toLowerCase().split(/[ -]/u) ?? [];
  return (
    nouns.some((noun) => FILE_NOUNS.has(noun)) ||
    /^(?:new|created?|added|creation)(?=\s{0,3}(?:$|[,;:.!*_]))/iu.test(text) ||
    /^(?:creat(?:e|es) (?:it|this|the file|file)\b|does(?:n['’]t| not) exist yet|not there yet)/iu.test(text)
  );
}

const HEADS_NEW =
  /^[#\s*_]*(?:\d{1,2}[.)]\s)?(?:(?:files?|modules?)\s(?:to\s)?)?(?:new|creat(?:e|ed|ing)|add(?:ed)?|additions?)\b/iu;

/** Whether a heading or label between items says that the following files are new; null for any other line. */
function headedNew(line: string): boolean | null {
  const text = line.trim();
  if (!/^(?:#{1,6}\s|\*\*|__)/u.test(text) && !text.endsWith(':')) return null;
  return text.length < 200 && HEADS_NEW.test(text);
}

const PATH = new RegExp(String.raw`^(?:\./)?${SEGMENT}(?:/${SEGMENT})*/?$`, 'u');

/** A path in plain text, without marks around it. Punctuation may follow. */
const BARE = new RegExp(
  String.raw`(?<![\p{L}\p{M}\p{N}_@./:~+\\#-])(?:\./)?${SEGMENT}(?:/${SEGMENT})+(?![\p{L}\p{N}_/\\*<{])`,
  'gu',
);

/** Marks around a path: code, link text, strong text. */
const MARKED = [
  /`([^`\n]+)`/gu,
  /(?<![\p{L}\p{M}\p{N}_/])\[([^[\]\n]{1,300})\]\([^()\n]{0,400}\)/gu,
  /(?<![*\p{L}\p{N}])\*\*([^*\n]+)\*\*/gu,
  /(?<![_\p{L}\p{N}])__([^\n]+?)__(?![_\p{L}\p{N}])/gu,
];

/** Maximum length of a line that is searched for paths and links. In UTF-16 units. */
export const MAX_LINE = 10_000;

/** Maximum distance between a path and the words that announce it. In UTF-16 units. */
const NEAR = 200;

function pathsIn(item: PlanItem, lineAt: LineAt): readonly PathReference[] {
  let above = '';
  const lines = linesOf(item, lineAt);
  let led = false;
  return lines.flatMap((line, at) => {
    if (line.text.length > MAX_LINE) return [];
    const found = pathsInLine(line, at === 0);
    // Blank out the paths, so that "Create a.ts and b.ts" announces both.
    const rest = blank(
      line.text,
      found.map((path) => [path.range.start.character - line.from, path.text.length]),
    );
    const before = above;
    above = `${above} ${rest}`.slice(-NEAR);
    return found.map((path): PathReference => {
      const from = path.range.start.character - line.from;
      const to = from + path.text.length;
      const ahead = `${before} ${rest.slice(Math.max(0, from - NEAR), from)}`.slice(-NEAR);
      const next = found.find(({ range }) => range.start.character > path.range.start.character);
      // A remark at the end of an item is about its first path: "`src/c.mjs`: export c (new file)".
      const leads = !led;
      led = true;
      const others = leads ? found.map(({ range }) => range.end.character - line.from - to) : [];
      const behind = leads
        ? [rest.slice(to), ...lines.slice(at + 1).map(({ text }) => text)].join(' ')
        : rest.slice(to, (next?.range.start.character ?? Infinity) - line.from);
      return {
        ...path,
        announced:
          BEFORE.test(ahead) ||
          moved(ahead) ||
          AFTER.test(rest.slice(to, to + NEAR)) ||
          remarksNew(behind.slice(0, MAX_LINE), others),
      };
    });
  });
}

/** A remark in parentheses or after the last dash. */
const REMARK = /[([{]([^()[\]{}]{1,80})[)\]}]|[–—-] {0,3}([^()[\]{}–—]{1,40})$/gu;

/**
 * Whether a remark says that the file is new: "(new file)", "[to be created]", "— new".
 * @param others where other paths end in `text`; a remark right after one of them is about that path
 */
function remarksNew(text: string, others: readonly number[]): boolean {
  if (text.includes('🆕')) return true;
  for (const { index, 1: inside, 2: last } of text.matchAll(REMARK))
    if (saysNew(inside ?? last ?? '') && !others.some((end) => end > 0 && index >= end && index - end <= 3))
      return true;
  return false;
}

/** Whether the words before a path say that a file moves there: "Move `a.ts` to". */
function moved(ahead: string): boolean {
  const to = TO_THERE.exec(ahead);
  return to !== null && (/^[-→]/u.test(to[0]) || MOVES.test(ahead.slice(0, to.index)));
}

/** @param first whether the item begins on this line */
function pathsInLine(line: ItemLine, first: boolean): readonly Reference[] {
  const found: Reference[] = [];
  let rest = line.text;
  for (const marks of MARKED) {
    const done: [number, number][] = [];
    for (const match of rest.matchAll(marks)) {
      const inside = match[1] ?? '';
      const text = inside.replace(/:\d+(?:[-:]\d+)?:?$|:$/u, '');
      if (looksLikePath(text)) found.push(reference(line, match.index + match[0].indexOf(inside), text));
      // Strong text may contain a path among other words; code and links are a path as a whole or not at all.
      if (looksLikePath(text) || !/^[*_]/u.test(match[0])) done.push([match.index, match[0].length]);
    }
    rest = blank(rest, done);
  }
  for (const match of rest.matchAll(BARE)) {
    const text = match[0].replace(/(?<![.)\]])[.)\]]+$/u, '');
    // At the start of an item, perhaps after a verb, any name with an extension counts as a path.
    const leads = first && LEADS.test(line.text.slice(0, match.index).replace(/[\s*_]+/gu, ''));
    if (text.includes('/') && (leads ? HAS_ENDING.test(text) : isFile(text)))
      found.push(reference(line, match.index, text));
  }
  return found.toSorted((a, b) => a.range.start.character - b.range.start.character);
}

/** An empty text or a verb: what may stand before the path that an item begins with. */
const LEADS = /^(?:create|add|new|edit|update|modify|change|delete|remove)?$/iu;

/** `src/a.ts`; not `Node.js/Express.js` or `example.com/a.html`. */
const isFile = (text: string): boolean =>
  hasKnownExtension(text) && !DOMAIN.test(text) && !text.split('/').slice(0, -1).some(hasKnownExtension);

const DOMAIN = /^[^/]+\.(?:com|org|net|io|dev)\//iu;

/** `src/a.ts`, `README.md`, `src/`, `Makefile`; not `a.b()`, `x`, `*.ts`, a URL or a package such as `@scope/name`. */
function looksLikePath(text: string): boolean {
  if (!PATH.test(text) || text.startsWith('@') || text.startsWith('~') || DOMAIN.test(text)) return false;
  if (FILE_NAMES.has(path.posix.basename(text))) return true;
  if (text.includes('/')) return HAS_ENDING.test(text) || text.endsWith('/');
  return hasKnownExtension(text) && !/[()[\]]/u.test(text);
}

/** A name without a folder needs one of these extensions, because code has names such as `user.name`. */
const EXTENSIONS = new Set(
  (
    'md mdx json jsonc toml yml yaml js jsx ts tsx cjs cjsx cts ctsx mjs mjsx mts mtsx vue svelte py go ' +
    'rs java kt kts rb php cs swift c h cpp cc hpp sh ps1 css scss less htm html sql proto graphql tf ' +
    'lock txt csv xml ini cfg svg png'
  ).split(' '),
);

const hasKnownExtension = (name: string): boolean =>
  EXTENSIONS.has(/[^/.]\.([a-z\d]+)$/iu.exec(name)?.[1]?.toLowerCase() ?? '');

/** File names without an extension. */
const FILE_NAMES = new Set(
  (
    'Makefile Dockerfile Containerfile Justfile Rakefile Gemfile Procfile Vagrantfile Jenkinsfile ' +
    'Brewfile LICENSE CODEOWNERS .gitignore .dockerignore .npmignore .prettierignore .eslintignore ' +
    '.gitattributes .editorconfig .npmrc .nvmrc'
  ).split(' '),
);

/** Words and punctuation that may stand between an announcement and its path. */
const FILLER =
  String.raw`(?:(?:an?|the|new|empty|small|files?|modules?|scripts?|tests?|unit|folders?|director(?:y|ies)|` +
  String.raw`components?|class|page|migrations?|and|plus|named|called|at|under|too|also)\b|` +
  String.raw`[\s,;:&+*_\x60()\[\]–—-])*`;
/** Words before a path that announce it. */
const BEFORE = new RegExp(
  String.raw`\b(?:new|(?:creat|generat|introduc)(?:es?|ed|ing)|add(?:s|ed|ing)?|writ(?:es?|ten|ing))\b${FILLER}$`,
  'iu',
);

const TO_THERE = /(?:\b(?:to|into|as)|->|→)(?![^\s*_`[])[\s*_`[]{0,20}$/iu;

const MOVES = /\b(?:mov|renam|cop|split|extract)[a-z]{0,8}\b/iu;

/** Words after a path that announce it. */
const AFTER =
  /^(?:\]\([^)]{0,200}\))?[\s*_`)\]:,–—(-]{0,20}(?:(?:an?|the|is|are|will|be|to|gets?|newly|brand|entirely)\s{1,4}){0,4}[*_`]{0,4}(?:new|added|(?:creat|generat|introduc)(?:es?|ed))\b/iu;

/** Replaces parts of the text by spaces, so that columns stay the same. @param parts sorted by position */
function blank(text: string, parts: readonly (readonly [from: number, length: number])[]): string {
  let done = 0;
  const pieces = parts.flatMap(([from, length]) => {
    const piece = [text.slice(done, from), ' '.repeat(length)];
    done = from + length;
    return piece;
  });
  return pieces.join('') + text.slice(done);
}

/**
 * A link to a file: `src/a.ts:12`, `src/a.ts:12-20`, `src/a.ts#L12`, `Makefile:3`, `src/a.ts`. Without a line number
 * it needs a folder and an extension, because otherwise it could be any word.
 */
export const FILE_REFERENCE = new RegExp(
  String.raw`(?<![\p{L}\p{M}\p{N}_@/.:~+-])(/?${SEGMENT}(?:/${SEGMENT})*)` +
    String.raw`(?::(\d{1,7})(?:[-:]\d{1,7})?|#L(\d{1,7}))?(?![\p{L}\p{N}_/])`,
  'gu',
);
