import type { PlanItem, PlanSection, PlanStep } from '../../core/plan';
import { HAS_ENDING, type ItemLine, type LineAt, linesOf, type Reference, reference } from './planPaths';

/** Programs of the commands in a step's *Tests*. */
export function programsOf(step: PlanStep, lineAt: LineAt): readonly Reference[] {
  return step.sections
    .filter((section) => section.name === 'tests')
    .flatMap((section) => {
      const fenced = commandLines(section, lineAt);
      return section.items.flatMap((item) => {
        const kind = fenced.get(item.range.start.line);
        const [first] = linesOf(item, lineAt);
        if (first === undefined) return [];
        if (kind !== undefined) return kind === 'output' ? [] : programsIn(first, 0, first.text, kind === 'perhaps');
        return programsInItem(item, first);
      });
    });
}

/** Whether a command may follow this text: nothing, a verb or a label such as `Run`, `Unit:`, `**Unit**:`. */
function beforeCommand(text: string): boolean {
  const words = text.replace(/[*_`]/gu, '').replace(/\s+/gu, ' ').trim();
  return /^(?:\p{L}[\p{L}\p{N} /-]{0,40}: ?)?(?:(?:then )?(?:run|execute) ?:?)?$/iu.test(words);
}

/**
 * The first code of an item is a command when only a verb or a label precedes it. It is unsure, because code is often a
 * name.
 */
function programsInItem(item: PlanItem, line: ItemLine): readonly Reference[] {
  const match = /`([^`\n]+)`/u.exec(line.text);
  if (match === null || !beforeCommand(line.text.slice(0, match.index))) return [];
  const command = match[1] ?? '';
  return programsIn(line, match.index + 1, command, true);
}

/** Words of the shell that start no program. */
const BUILTIN = new Set([
  'cd',
  'export',
  'set',
  'unset',
  'source',
  '.',
  ':',
  'alias',
  'eval',
  'exec',
  'exit',
  'command',
  'type',
  'read',
  'wait',
  'local',
  'declare',
  'return',
  'trap',
  'shift',
  'pushd',
  'popd',
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'in',
  'function',
  'time',
  'echo',
  'printf',
  'test',
  'true',
  'false',
]);
/** The parts of a command line between `&&`, `||`, `;` and `|`. Quoted text is not split. */
const PARTS = /(?:[^"'|&;\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?|(?<!&)&(?!&))+/gu;
const PROMPT = /^\s*(?:\$\s+)?/u;
const NAME = /^[\w@./+-]+(?=$|[\s<>])/u;

/** The program of a command, and where its name begins. */
function commandIn(text: string): { readonly at: number; readonly name: string } | null {
  let at = PROMPT.exec(text)?.[0].length ?? 0;
  for (let length = assignment(text, at); length > 0; length = assignment(text, at)) at += length;
  const name = NAME.exec(text.slice(at))?.[0];
  return name === undefined ? null : { at, name };
}

const VARIABLE = /[A-Za-z_]\w*=/uy;

/**
 * Length of an assignment before a command, such as `A="b c" `, with the space after it. Reads each character once: a
 * regular expression would have two ways to read each quote, which can take exponential time.
 * @returns 0 when there is no assignment
 */
function assignment(text: string, from: number): number {
  VARIABLE.lastIndex = from;
  if (!VARIABLE.test(text)) return 0;
  let at = VARIABLE.lastIndex;
  for (; at < text.length && !/\s/u.test(text.charAt(at)); at++) {
    const quote = text.charAt(at);
    const end = quote === '"' || quote === "'" ? text.indexOf(quote, at + 1) : -1;
    if (end > 0) at = end;
  }
  const value = at;
  while (at < text.length && /\s/u.test(text.charAt(at))) at++;
  return at === value ? 0 : at - from;
}

/**
 * The programs of a command line, one per part.
 * @param at where the command begins in the line's text, in UTF-16 units
 * @param unsure whether the text may be no command: then a single word and a capitalised name are left out
 */
function programsIn(line: ItemLine, at: number, command: string, unsure: boolean): readonly Reference[] {
  if (unsure && !/\S\s+\S/u.test(command.replace(/^\s*\$\s+/u, ''))) return [];
  return [...command.matchAll(PARTS)].flatMap((part) => {
    const found = commandIn(part[0]);
    const name = found?.name ?? '';
    if (found === null || name.startsWith('-') || BUILTIN.has(name) || (HAS_ENDING.test(name) && !name.includes('/')))
      return [];
    if (unsure && /^\p{Lu}/u.test(name)) return [];
    return [reference(line, at + part.index + found.at, name)];
  });
}

type FencedLine = 'command' | 'perhaps' | 'output';

/**
 * The kind of each line inside the code fences of a section. A fence of another language has no commands; one with
 * prompts has commands only after the prompts.
 */
function commandLines(section: PlanSection, lineAt: LineAt): ReadonlyMap<number, FencedLine> {
  const found = new Map<number, FencedLine>();
  for (let at = section.heading.end.line + 1; at <= section.range.end.line; at++) {
    const opens = /^(`{3,}|~{3,})\s*(\S*)/u.exec(lineAt(at).replace(/^[\s>]*(?:[-*+]\s+)?/u, ''));
    if (opens === null) continue;
    const marks = opens[1] ?? '';
    const inside: { readonly at: number; readonly text: string }[] = [];
    for (at++; at <= section.range.end.line; at++) {
      const text = lineAt(at).replace(/^[\s>]*/u, '');
      if (text.startsWith(marks) && /^(?:`+|~+)\s*$/u.test(text)) break;
      inside.push({ at, text });
    }
    const lang = (opens[2] ?? '').toLowerCase();
    const prompts = inside.some(({ text }) => /^\$\s/u.test(text));
    let goesOn = false;
    for (const line of inside) {
      found.set(line.at, goesOn ? 'output' : kindOf(line.text, lang, prompts));
      goesOn = /\\$/u.test(line.text);
    }
  }
  return found;
}

function kindOf(text: string, lang: string, prompts: boolean): FencedLine {
  if (!/^(?:|sh|bash|shell|console|zsh|terminal|shell-session)$/u.test(lang)) return 'output';
  if (prompts) return /^\$\s/u.test(text) ? 'command' : 'output';
  if (/^(?:sh|bash|shell|zsh)$/u.test(lang)) return 'command';
  // Output can look like a command. Only a line of two words, or with an option or path, is perhaps one.
  return /^\S+\s+\S+$/u.test(text.trim()) || /\s(?:--?[A-Za-z]|\S*[/=@]\S|\S*\w:[A-Za-z])/u.test(text)
    ? 'perhaps'
    : 'output';
}
