import type { StepRecord } from '../../artifacts/schemas';
import { PlanParser } from '../../plan';
import type { SectionName } from '../../plan/source';
import { wordSet } from '../../util/text';
import { covers, isGlob } from './protectedFiles';

/** Maximum length of text searched for names, in UTF-16 units. The rest is ignored. */
const MAX_TEXT = 200_000;
/** Maximum number of names taken from one text. The rest is ignored. */
const MAX_NAMES = 5_000;

/** A path, a folder, a file name or a pattern, as written in a step's text. */
export interface Name {
  readonly text: string;
  /** Whether it is written as code or as a link. Only then can a single word be a folder. */
  readonly marked: boolean;
}

const TOKEN = /`([^`\n]{1,300})`|\]\(([^)\s]{1,300})\)|([^\s`"'<>|,;()[\]]{2,300})/gu;

/** Lists everything in a text that may name files. */
export function namesIn(text: string): readonly Name[] {
  const found = new Map<string, Name>();
  for (const match of text.slice(0, MAX_TEXT).matchAll(TOKEN)) {
    if (found.size >= MAX_NAMES) break;
    const marked = match[3] === undefined;
    for (const part of marked ? [match[1] ?? match[2] ?? '', ...(match[1] ?? '').split(/\s+/u)] : [match[3] ?? '']) {
      const name = clean(part);
      if (name.length >= 2 && (marked || looksLikeFile(name)))
        found.set(name, { text: name, marked: marked || (found.get(name)?.marked ?? false) });
    }
  }
  return [...found.values()];
}

/** Removes what people write around a path: emphasis, `./`, a line number, an anchor, a full stop. */
function clean(text: string): string {
  return text
    .trim()
    .replace(/^[*_~]+|(?<![*_~])[*_~]+$/gu, (marks) =>
      marks.includes('*') && /[/.]/u.test(text) && isPattern(text) ? marks : '',
    )
    .replace(/^\.?\/(?=.)/u, '')
    .replace(/(?::\d{1,7}){1,2}(?:-\d{1,7})?$|#L?\d{1,7}$/u, '')
    .replace(/(?<![.:!?])[.:!?]+$/u, '')
    .replace(/\\/gu, '/');
}

/** Whether the stars are wildcards, not emphasis. */
const isPattern = (text: string): boolean =>
  /(?:^|\/)\*{1,2}(?:[/.]|$)|\*\.\w/u.test(text) && !/^\*\*[^/*]+\*\*$/u.test(text);

const looksLikeFile = (text: string): boolean =>
  text.includes('/') ||
  /[^.]\.[A-Za-z]\w{0,9}$/u.test(text) ||
  /^(?:[A-Z]\w+file|LICENSE|\.[a-z][\w.-]+)$/u.test(text) ||
  isPattern(text);

/**
 * Whether a name is certainly a path: `src/`, `a.ts`, or `src/core` written as code; but not `cache.clear()` or
 * "read/write".
 */
export function isPath({ text, marked }: Name): boolean {
  if (/[()\s=]|:\/\/|^@/u.test(text)) return false;
  return (
    hasFileEnding(text) ||
    text.endsWith('/') ||
    isPattern(text) ||
    /^(?:[A-Z]\w+file|LICENSE|\.[a-z][\w-]{2,}(?:\/.+)?)$/u.test(text) ||
    (marked && /^[\w.@+-]+(?:\/[\w.@+[\]-]+)+$/u.test(text))
  );
}

/** File endings that are unlikely to be the name of a method or property. */
const FILE_ENDINGS = wordSet(`
  md mdx json jsonc toml yml yaml xml ini cfg conf env lock txt rst adoc csv svg png
  js jsx ts tsx cjs cjsx cts ctsx mjs mjsx mts mtsx vue svelte astro css scss less htm html
  py pyi go mod sum rs java kt kts gradle scala rb php cs csproj fs swift dart ex exs erl
  c h cc cpp hpp m mm lua jl r hs zig nix sh bash ps1 bat sql proto graphql prisma tf
`);

const hasFileEnding = (text: string): boolean =>
  FILE_ENDINGS.has(/[^/.]\.([^/.]+)$/u.exec(text)?.[1]?.toLowerCase() ?? '');

/** Whether a name covers a file: it is the file itself, a folder above it, or a pattern that matches it. */
export function stands({ text, marked }: Name, path: string): boolean {
  const [name, file] = [text.toLowerCase(), path.toLowerCase()];
  if (name === file || file.endsWith(`/${name}`)) return true;
  if (isGlob(text) && covers(text, path)) return true;
  if (name.includes('*')) return false;
  const folder = name.endsWith('/') ? name : `${name}/`;
  // A single word is a folder only if it is marked, and only at the repository's top. A path with a slash may omit the
  // folders above it.
  return file.startsWith(folder) ? marked || name.includes('/') : name.includes('/') && file.includes(`/${folder}`);
}

/** Whether a line of the text says that a file, or its tests, will be removed or moved. */
export function removesNamed(text: string, path: string): boolean {
  return text
    .slice(0, MAX_TEXT)
    .split('\n')
    .some((line) => REMOVES.test(line) && namesIn(line).some((name) => stands(name, path)));
}

const REMOVES = /\b(?:delet|remov|drop|retir|replac|mov|renam|split|merg)(?:e|es|ed|ing|ping|ped|s)?\b/iu;

/** The sections of a step's text that name files. */
export interface StepText {
  /** The *Changes* section; null if there is none. */
  readonly changes: string | null;
  readonly tests: string;
}

/** Reads the sections of a step's text with the plan's parser. */
export function stepText(record: Pick<StepRecord, 'body_md'>): StepText {
  const body = record.body_md.split('\n');
  // A heading of the step's own level would end the step, so headings move down. Inside code this does no harm.
  const high = body.some((line) => /^ {0,3}#{1,2}(?:[ \t]|$)/u.test(line));
  const lines = [
    '## Step 1: Step',
    '',
    ...body.map((line) => (high ? line.replace(/^( {0,3})(#{1,4})(?=[ \t])/u, '$1##$2') : line)),
  ];
  const [step] = new PlanParser().parse(lines.join('\n')).steps;
  const textOf = (name: SectionName): string | null => {
    const sections = step?.sections.filter((section) => section.name === name) ?? [];
    if (sections.length === 0) return null;
    return sections.map(({ range }) => lines.slice(range.start.line, range.end.line + 1).join('\n')).join('\n');
  };
  return { changes: textOf('changes'), tests: textOf('tests') ?? '' };
}
