import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CodeAction,
  CodeActionKind,
  type Diagnostic,
  type TextDocumentEdit,
  type TextEdit,
} from 'vscode-languageserver/node';
import { isInside } from '../../core/artifacts/inside';
import { type PlanStep, parsePlan, type SectionName, strictHeading, strictStep } from '../../core/plan';
import { insideFence } from '../../core/plan/fences';
import type { DiagnosticCode } from '../codes';
import type { OpenDocument } from '../documents';
import { rangeInLine } from '../ranges';
import { stepAt } from './criteria';
import { allSections, PLACEHOLDER, SECTION_TITLES, sectionSkeleton, titleOf } from './skeletons';

/** One quick fix: edits of the plan, and at most one file to create. */
interface Fix {
  readonly title: string;
  /** A function when the fix changes the whole plan; diagnostics with the same title share it. */
  readonly edits: readonly TextEdit[] | (() => readonly TextEdit[]);
  /** URI of the file to create. */
  readonly create?: string;
  readonly preferred?: boolean;
}

/** Quick fixes for these diagnostics. @param canCreate whether the client can create files */
export function planFixes(
  document: OpenDocument,
  diagnostics: readonly Diagnostic[],
  canCreate: boolean,
): CodeAction[] {
  const textDocument = { uri: document.text.uri, version: document.text.version };
  const actions: CodeAction[] = [];
  const whole = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    for (const { title, edits, create, preferred } of FIXES.get(diagnostic.code)?.(document, diagnostic) ?? []) {
      if (create !== undefined && !canCreate) continue;
      const all = typeof edits === 'function';
      const same = all ? whole.get(title) : undefined;
      if (same !== undefined) {
        same.push(diagnostic);
        continue;
      }
      const solved = [diagnostic];
      if (all) whole.set(title, solved);
      const made = all ? edits() : edits;
      const changes: TextDocumentEdit[] = made.length === 0 ? [] : [{ textDocument, edits: [...made] }];
      const created =
        create === undefined ? [] : [{ kind: 'create' as const, uri: create, options: { ignoreIfExists: true } }];
      actions.push({
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: solved,
        isPreferred: preferred ?? false,
        edit: { documentChanges: [...created, ...changes] },
      });
    }
  }
  return actions;
}

type FixFinder = (document: OpenDocument, diagnostic: Diagnostic) => readonly Fix[];

const numberAgain: FixFinder = (document) => [
  { title: 'Number the steps again', edits: () => renumber(document), preferred: true },
];

const addMissing =
  (name: SectionName): FixFinder =>
  (document, { range }) =>
    addSections(document, stepAt(document.plan().steps, range.start.line), name);

const FIXES: ReadonlyMap<Diagnostic['code'], FixFinder> = new Map<DiagnosticCode, FixFinder>([
  ['duplicate-number', numberAgain],
  ['missing-number', numberAgain],
  ['out-of-order', numberAgain],
  ['zero-number', numberAgain],
  ['missing-goal', addMissing('goal')],
  ['missing-changes', addMissing('changes')],
  ['missing-acceptance-criteria', addMissing('acceptance criteria')],
  ['missing-tests', addMissing('tests')],
  ['almost-a-step', (document, { range }) => makeStrict(document, 'almost-a-step', range.start.line)],
  ['step-in-fence', (document, { range }) => takeOutOfFence(document, range.start.line)],
  ['missing-path', missingPath],
  [
    'renumbered',
    (document) => [
      { title: 'Write the numbers that count', edits: () => writeSteps(document, ({ n }) => n), preferred: true },
    ],
  ],
  [
    'lenient-step',
    (document, { range }) => [
      ...(document.plan().format === 'strict' ? makeStrict(document, 'lenient-step', range.start.line) : []),
      writeEvery(document),
    ],
  ],
  [
    'lenient-format',
    (document) => [
      { title: 'Make every item a step: "## Step N: Title"', edits: () => strictFromList(document), preferred: true },
    ],
  ],
  [
    'empty-criterion',
    (document, { range: { start, end } }) => [
      { title: 'Remove the empty criterion', edits: [removeLines(document, start.line, end.line)], preferred: true },
    ],
  ],
  [
    'duplicate-criterion',
    (document, { range: { start, end } }) => [
      { title: 'Remove the repeated criterion', edits: [removeLines(document, start.line, end.line)] },
    ],
  ],
  [
    'no-steps',
    (document) => [{ title: 'Add a first step', edits: [{ range: endOf(document), newText: skeleton(document) }] }],
  ],
]);

/** Numbers the steps in the order of their headings, from 1. */
function renumber(document: OpenDocument): TextEdit[] {
  const { steps, warnings } = document.plan();
  if (warnings.some(({ code }) => code === 'lenient-step')) return writeSteps(document, (_step, at) => at + 1);
  return steps.flatMap((step, at) => {
    if (step.n === at + 1) return [];
    const line = step.heading.start.line;
    const match = /^(\s*(?:##[ \t]+Step[ \t]+)?)(\d+)/u.exec(document.line(line));
    if (match === null) return [];
    const character = match[1]?.length ?? 0;
    return [
      {
        range: rangeInLine(line, character, character + (match[2]?.length ?? 0)),
        newText: String(at + 1),
      },
    ];
  });
}

const writeEvery = (document: OpenDocument): Fix => ({
  title: 'Write every step as "## Step N: Title"',
  edits: () => writeSteps(document, ({ n }) => n),
  preferred: document.plan().format !== 'strict',
});

/** Writes the heading of each step as `## Step N: Title`, unless it is one already. */
function writeSteps(document: OpenDocument, numberOf: (step: PlanStep, at: number) => number): TextEdit[] {
  return document.plan().steps.flatMap((step, at) => {
    const n = numberOf(step, at);
    const line = step.heading.start.line;
    return strictStep(document.line(line))?.n === n
      ? []
      : [replaceHeading(document, line, strictHeading({ ...step, n }))];
  });
}

/** Replaces a heading. A setext heading has two lines, so its underline goes too. */
function replaceHeading(document: OpenDocument, line: number, newText: string): TextEdit {
  const underline =
    /^ {0,3}(?:=+|-+)[ \t]*$/u.test(document.line(line + 1)) && !document.line(line).trimStart().startsWith('#');
  const end = underline ? line + 1 : line;
  return {
    range: { start: { line, character: 0 }, end: { line: end, character: document.line(end).length } },
    newText,
  };
}

function addSections(document: OpenDocument, step: PlanStep | undefined, name: SectionName): readonly Fix[] {
  if (step === undefined) return [];
  const missing = SECTION_TITLES.map((title) => title.toLowerCase() as SectionName).filter((each) =>
    document
      .plan()
      .warnings.some(({ code, range }) => code === missingCode(each) && range.start.line === step.heading.start.line),
  );
  const one: Fix = { title: `Add ${titleOf(name)}`, edits: [addSection(document, step, name)], preferred: true };
  if (missing.length < 2) return [one];
  return [one, { title: 'Add all missing sections', edits: missing.map((each) => addSection(document, step, each)) }];
}

const missingCode = (name: SectionName): string => `missing-${name.replace(' ', '-')}`;

function addSection(document: OpenDocument, step: PlanStep, name: SectionName): TextEdit {
  const title = titleOf(name);
  const empty = step.sections.find((section) => section.name === name);
  const before = SECTION_TITLES.slice(0, SECTION_TITLES.indexOf(title)).map((each) => each.toLowerCase());
  const above = empty ?? step.sections.findLast((section) => before.includes(section.name));
  const first = step.sections[0];
  // After the sections that come earlier in order, or before the first section when all come later.
  const at =
    above?.range.end.line ??
    (first === undefined
      ? step.range.end.line
      : lastTextAbove(document, first.heading.start.line, step.heading.start.line));
  const position = { line: at, character: document.line(at).length };
  const section = sectionSkeleton(title, PLACEHOLDER[name]);
  // Without a blank line the following text would continue the new list.
  const gap = document.line(at + 1).trim() === '' ? '' : '\n';
  return {
    range: { start: position, end: position },
    newText: `\n\n${empty === undefined ? section : section.slice(section.indexOf('\n') + 2)}${gap}`,
  };
}

function lastTextAbove(document: OpenDocument, line: number, least: number): number {
  let at = line - 1;
  while (at > least && document.line(at).trim() === '') at--;
  return Math.max(at, least);
}

/** Maximum length of a plan that is parsed again to see whether a fix helps. In UTF-16 units. */
const MAX_TRY = 1_000_000;

/** Writes the heading that the warning on a line suggests. */
function makeStrict(document: OpenDocument, code: string, line: number): readonly Fix[] {
  const { warnings } = document.plan();
  const says = warnings.find((warning) => warning.code === code && warning.range.start.line === line)?.message ?? '';
  const at = says.indexOf('"## Step ');
  const meant = says.slice(at + 1, says.lastIndexOf('"'));
  if (at < 0 || !/^## Step \d/u.test(meant)) return [];
  const fix = (newText: string): Fix => ({
    title: `Write "${meant}"`,
    edits: [replaceHeading(document, line, newText)],
    preferred: true,
  });
  if (document.line(line).trim() !== meant) return [fix(meant)];
  // The heading is correct, but HTML above it includes it. A blank line ends most HTML.
  const lines = document.text.getText().split(/\r\n|\r|\n/u);
  if (document.length > MAX_TRY) return [];
  const after = parsePlan([...lines.slice(0, line), '', meant, ...lines.slice(line + 1)].join('\n'));
  return after.warnings.filter((warning) => warning.code === code).length <
    warnings.filter((warning) => warning.code === code).length
    ? [fix(`\n${meant}`)]
    : [];
}

function strictFromList(document: OpenDocument): TextEdit[] {
  const steps = document.plan().steps;
  return steps.map((step, at) => ({
    range: { start: { line: step.range.start.line, character: 0 }, end: step.range.end },
    newText: `${at === 0 ? '' : '\n'}## Step ${step.n}: ${step.title}\n${step.body === '' ? '' : `\n${step.body}\n`}`,
  }));
}

function takeOutOfFence(document: OpenDocument, line: number): readonly Fix[] {
  const at = document
    .plan()
    .warnings.find(({ code, range }) => code === 'step-in-fence' && range.start.line === line)?.fence;
  if (at === undefined) return [];
  const lines = Array.from({ length: document.text.lineCount }, (_, each) => document.line(each));
  const fence = insideFence(lines, at);
  if (fence === null) return [];
  const closed = at + fence.inside.length + 1 < fence.end;
  const edits = [
    removeLines(document, at, at),
    ...(closed ? [removeLines(document, fence.end - 1, fence.end - 1)] : []),
  ];
  return [{ title: 'Take the steps out of the code fence', edits, preferred: true }];
}

function missingPath(document: OpenDocument, diagnostic: Diagnostic): readonly Fix[] {
  const name = document.text.getText(diagnostic.range);
  const { top } = document.place.paths;
  const file = path.resolve(top, name);
  if (!isInside(top, file)) return [];
  const { end } = diagnostic.range;
  const after = document.line(end.line).charAt(end.character) === '`' ? end.character + 1 : end.character;
  return [
    {
      title: 'Say that the file is new',
      edits: [{ range: rangeInLine(end.line, after, after), newText: ' (new)' }],
      preferred: true,
    },
    ...(name.endsWith('/') ? [] : [{ title: `Create ${name}`, edits: [], create: pathToFileURL(file).href }]),
  ];
}

function removeLines(document: OpenDocument, from: number, to: number): TextEdit {
  if (to + 1 < document.text.lineCount)
    return { range: { start: { line: from, character: 0 }, end: { line: to + 1, character: 0 } }, newText: '' };
  const start = from === 0 ? { line: 0, character: 0 } : { line: from - 1, character: document.line(from - 1).length };
  return { range: { start, end: { line: to, character: document.line(to).length } }, newText: '' };
}

const endOf = (document: OpenDocument): TextEdit['range'] => {
  const end = document.text.positionAt(document.length);
  return { start: end, end };
};

function skeleton(document: OpenDocument): string {
  const gap = document.length === 0 ? '' : '\n\n';
  const sections = allSections((title) => PLACEHOLDER[title.toLowerCase() as SectionName]);
  return `${gap}## Step 1: Title\n\n${sections}\n`;
}
