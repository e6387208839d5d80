import type { PlanItem, PlanStep, Range } from '../../core/plan';

/** A path or a command that a plan names, where it stands. */
export interface Reference {
  readonly text: string;
  readonly range: Range;
}

export interface PathReference extends Reference {
  /** The item says that the file is to be made. */
  readonly announced: boolean;
}

const CODE = /`([^`\n]+)`/gu;
const PATH = /^(?:\.\/)?[\w@.~+-]+(?:\/[\w@.~+-]+)*\/?$/u;
const HAS_ENDING = /\.[A-Za-z][\w]{0,9}$/u;
/** Words that announce a file which is not there yet. */
const NEW = /\b(?:new|creat\w*|introduc\w*|generat\w*)\b|\badd(?:s|ed|ing)?:?\s+(?:an?\s+|the\s+)?(?:file\s+|module\s+|test\s+|folder\s+)?`/iu;
const BARE = /^(?:(?:create|add|new|edit|update|modify|change|delete|remove)\s+)?((?:\.\/)?[\w@.+-]+(?:\/[\w@.+-]+)+)(?=$|[\s:,;(])/iu;

/** The repository paths in a step's *Changes*. @param lineAt a line of the document */
export function pathsOf(step: PlanStep, lineAt: (line: number) => string): readonly PathReference[] {
  return step.sections.filter((section) => section.name === 'changes').flatMap((section) => section.items.flatMap((item) => pathsIn(item, lineAt)));
}

function pathsIn(item: PlanItem, lineAt: (line: number) => string): readonly PathReference[] {
  const announced = NEW.test(item.text);
  const found: PathReference[] = codeIn(item, lineAt).flatMap((code) => {
    const bare = code.text.replace(/:\d+(?:[-:]\d+)?$/u, '');
    return looksLikePath(bare) ? [{ text: bare, range: { start: code.range.start, end: { line: code.range.start.line, character: code.range.start.character + bare.length } }, announced }] : [];
  });
  const bare = found.length > 0 ? null : BARE.exec(item.text);
  const text = bare?.[1];
  if (bare !== null && text !== undefined && HAS_ENDING.test(text)) {
    const from = item.range.start.character + bare[0].length - text.length;
    found.push({ text, range: { start: { line: item.range.start.line, character: from }, end: { line: item.range.start.line, character: from + text.length } }, announced });
  }
  return found;
}

/** `src/a.ts`, `README.md`, `src/`; not `a.b()`, `x`, `*.ts`, a URL or a package such as `@scope/name`. */
const looksLikePath = (text: string): boolean =>
  PATH.test(text) && !text.startsWith('@') && !text.startsWith('~') && (HAS_ENDING.test(text) ? text.includes('/') || FILE_ENDINGS.test(text) : text.endsWith('/'));
/** A name without a folder is a path only with an ending that code names such as `user.name` do not have. */
const FILE_ENDINGS = /\.(?:md|json|jsonc|toml|ya?ml|[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|cpp|cc|hpp|sh|css|scss|html|sql|proto|lock|txt|xml|ini|cfg)$/iu;

const BUILTIN = new Set(['cd', 'export', 'set', 'source', '.', 'alias', 'eval', 'if', 'for', 'while', 'then', 'fi', 'do', 'done', 'else', '{', '}', '(', ')', '!', '[', '[[']);

/** The programs that a step's *Tests* would start: the first word of each command. */
export function programsOf(step: PlanStep, lineAt: (line: number) => string): readonly Reference[] {
  return step.sections.filter((section) => section.name === 'tests').flatMap((section) => section.items.flatMap((item) => programIn(item, section.heading.end.line, lineAt)));
}

function programIn(item: PlanItem, sectionLine: number, lineAt: (line: number) => string): readonly Reference[] {
  const line = lineAt(item.range.start.line);
  const before = line.slice(0, item.range.start.character);
  // A command is what stands in code at the item's start, or a line of a fence (which has no bullet before it).
  const code = codeIn(item, lineAt).find(({ range }) => range.start.line === item.range.start.line && range.start.character === item.range.start.character + 1);
  const fenced = code === undefined && /^\s*(?:\$\s+)?$/u.test(before) && item.range.start.line === item.range.end.line && insideShell(item, sectionLine, lineAt);
  const command = code ?? (fenced ? { text: item.text, range: item.range } : undefined);
  if (command === undefined) return [];
  const match = /^((?:[A-Za-z_]\w*=\S*\s+)*)([\w@./+-]+)(\s+\S)?/u.exec(command.text);
  const name = match?.[2] ?? '';
  // One word in code is as often a name as a command.
  if (name === '' || BUILTIN.has(name) || (!fenced && match?.[3] === undefined) || (HAS_ENDING.test(name) && !name.includes('/'))) return [];
  const from = command.range.start.character + (match?.[1]?.length ?? 0);
  return [{ text: name, range: { start: { line: command.range.start.line, character: from }, end: { line: command.range.start.line, character: from + name.length } } }];
}

/** Whether an item stands in a fence of commands: the fence lines between the section's heading and it open one. */
function insideShell(item: PlanItem, sectionLine: number, lineAt: (line: number) => string): boolean {
  let open: string | null = null;
  for (let at = sectionLine + 1; at < item.range.start.line; at++) {
    const match = /^\s*(?:[-*+]\s+)?(?:`{3,}|~{3,})\s*(\S*)/u.exec(lineAt(at));
    if (match !== null) open = open === null ? (match[1] ?? '') : null;
  }
  return open !== null && /^(?:|sh|bash|shell|console|zsh|terminal|text)$/iu.test(open);
}

/** The code in an item, line by line, with the range of what stands between the marks. */
function codeIn(item: PlanItem, lineAt: (line: number) => string): readonly Reference[] {
  const found: Reference[] = [];
  for (let line = item.range.start.line; line <= item.range.end.line; line++) {
    const text = lineAt(line);
    const from = line === item.range.start.line ? item.range.start.character : 0;
    const to = line === item.range.end.line ? item.range.end.character : text.length;
    for (const match of text.slice(from, to).matchAll(CODE)) {
      const start = from + match.index + 1;
      found.push({ text: match[1] ?? '', range: { start: { line, character: start }, end: { line, character: start + (match[1] ?? '').length } } });
    }
  }
  return found;
}
