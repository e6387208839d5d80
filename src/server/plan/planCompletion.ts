import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import {
  type CompletionItem,
  CompletionItemKind,
  InsertTextFormat,
  type Position,
  type TextEdit,
} from 'vscode-languageserver/node';
import { isInside } from '../../core/artifacts/inside';
import { CHECK_SETTINGS, loadConfig } from '../../core/config';
import type { PlanStep, Range } from '../../core/plan';
import type { OpenDocument } from '../documents';
import { rangeInLine } from '../ranges';
import { stepAt } from './criteria';
import { allSections, SECTION_TITLES, sectionSkeleton } from './skeletons';

/** Completes steps and sections at the start of a line, repository paths in code, and checks in *Tests*. */
export async function planCompletion(document: OpenDocument, position: Position): Promise<CompletionItem[]> {
  if (document.tooLarge) return [];
  const before = document.line(position.line).slice(0, position.character);
  // The heading that is being typed does not count as a step.
  const steps = document.plan().steps.filter(({ heading }) => heading.start.line !== position.line);
  // The range of a step ends with its last text, so below that the last step above counts.
  const step = stepAt(steps, position.line) ?? steps.findLast(({ heading }) => heading.start.line < position.line);
  const after = document.line(position.line).slice(position.character);
  if (/^#{0,3}[ \t]*[A-Za-z]*$/u.test(before) || (HALF_A_HEADING.test(before) && after.trim() === ''))
    return [...sectionItems(step, before, position), stepItem(steps, before, position)];
  const code = /`([^`]*)$/u.exec(before)?.[1];
  const section = step?.sections.findLast(({ heading }) => heading.start.line < position.line)?.name;
  if (section === 'tests')
    return [
      ...(await checkItems(document, code !== undefined, before, position)),
      ...(code === undefined ? [] : await pathItems(document, code, position)),
    ];
  const typed = code ?? (section === 'changes' ? BARE_PATH.exec(before.slice(-MAX_PATH_LENGTH))?.[1] : undefined);
  return typed === undefined ? [] : pathItems(document, typed, position);
}

/** An unfinished heading such as "## Step 2" or "### Acceptance cri". */
const HALF_A_HEADING = /^#{2,3}[ \t]+[A-Za-z]+[ \t]+[A-Za-z\d]*$/u;
/** Maximum length of a path before the position, so that a line of 10 MB stays quick. In UTF-16 units. */
const MAX_PATH_LENGTH = 4_096;
/** A word with a slash, which counts as a path without code marks. */
const BARE_PATH = /(?:^|\s)([^\s`*()<>[\]/]+\/[^\s`*()<>[\]]*)$/u;

function stepItem(steps: readonly PlanStep[], before: string, position: Position): CompletionItem {
  const n = steps.reduce((most, step) => Math.max(most, step.n), 0) + 1;
  const sections = allSections((_title, index) => tabStop(index + 2));
  return {
    label: `## Step ${n}: …`,
    kind: CompletionItemKind.Snippet,
    detail: 'A step with its four sections',
    filterText: `## Step ${n}`,
    sortText: `2`,
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: replaceLine(before, position, `## Step ${n}: \${1:Title}\n\n${sections}\n`),
  };
}

function sectionItems(step: PlanStep | undefined, before: string, position: Position): CompletionItem[] {
  if (step === undefined) return [];
  const there = new Set<string>(step.sections.map(({ name }) => name));
  return SECTION_TITLES.filter((title) => !there.has(title.toLowerCase())).map((title, at) => ({
    label: `### ${title}`,
    kind: CompletionItemKind.Snippet,
    detail: `This step has none yet`,
    filterText: `### ${title}`,
    sortText: `1${at}`,
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: replaceLine(before, position, sectionSkeleton(title, tabStop(1))),
  }));
}

async function checkItems(
  document: OpenDocument,
  insideCode: boolean,
  before: string,
  position: Position,
): Promise<CompletionItem[]> {
  const config = await loadConfig(document.place.paths.config).then(
    (loaded) => loaded.config,
    () => null,
  );
  if (config === null) return [];
  const typed = insideCode ? (/`([^`]*)$/u.exec(before)?.[1] ?? '') : before.replace(/^\s*(?:[-*+]\s+)?/u, '');
  const range = typedRange(position, typed.length);
  return Object.entries(config.checks).flatMap(([name, command]) => {
    if (CHECK_SETTINGS.includes(name) || typeof command !== 'string') return [];
    const newText = insideCode ? command : `\`${command}\``;
    return [
      {
        label: name,
        kind: CompletionItemKind.Value,
        detail: `Check: ${command}`,
        filterText: `${typed}${name} ${command}`,
        textEdit: { range, newText },
      },
    ];
  });
}

/** Entries of the folder typed so far. Leaves out `.git` and `.weld`, which no plan changes. */
async function pathItems(document: OpenDocument, typed: string, position: Position): Promise<CompletionItem[]> {
  const { top } = document.place.paths;
  const slash = typed.lastIndexOf('/') + 1;
  const folder = path.resolve(top, typed.slice(0, slash));
  if (folder !== top && !isInside(top, folder)) return [];
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  const range = typedRange(position, typed.length - slash);
  return entries
    .filter(({ name }) => name !== '.git' && name !== '.weld')
    .slice(0, 1_000)
    .map((entry) => ({
      label: entry.isDirectory() ? `${entry.name}/` : entry.name,
      kind: entry.isDirectory() ? CompletionItemKind.Folder : CompletionItemKind.File,
      textEdit: { range, newText: entry.isDirectory() ? `${entry.name}/` : entry.name },
    }));
}

const tabStop = (n: number): string => `\${${n}}`;

/** The text before the position that a completion replaces. @param length in UTF-16 units */
const typedRange = ({ line, character }: Position, length: number): Range =>
  rangeInLine(line, character - length, character);

const replaceLine = (before: string, position: Position, newText: string): TextEdit => ({
  range: typedRange(position, before.length),
  newText,
});
