import { moveBlock, type Block } from './blocks';
import { strictStep, type StepHeading } from './headings';
import { headingSection } from './labels';
import { joinLists, type Piece } from './pieces';
import { readStepParts, type StepParts } from './sections';
import { lineRange, linesRange, moveItem, moveRange, type Lines } from './source';
import type { PlanStep, Range } from './types';

/** A step where it stands, with what only warnings need. */
export interface FoundStep {
  readonly step: PlanStep;
  readonly empty: readonly Range[];
}

/** A step's content apart from where it stands and which number it has: what an edit elsewhere leaves as it is. */
interface Content {
  readonly parts: StepParts;
  readonly body: string;
}

interface Draft extends StepHeading {
  readonly line: number;
  /** With the document's lines. */
  readonly blocks: Block[];
  end: number;
}

/** Makes steps from blocks, and remembers the content of each step by its text. */
export class StepReader {
  private known = new Map<string, Content>();
  private placed = new WeakMap<Content, FoundStep>();

  read(lines: Lines, pieces: readonly Piece[]): readonly FoundStep[] {
    const used = new Map<string, Content>();
    const found = drafts(lines, pieces).map((draft): FoundStep => {
      const own = lines.slice(draft.line, draft.end);
      const key = own.join('\n');
      const content = used.get(key) ?? this.known.get(key) ?? readContent(own, draft);
      used.set(key, content);
      const before = this.placed.get(content);
      if (before?.step.heading.start.line === draft.line) return before;
      const placed = place(lines, draft, content);
      this.placed.set(content, placed);
      return placed;
    });
    this.known = used;
    return found;
  }
}

/** A step ends at the next step and at any heading of its level or above, unless that names a section which the step still lacks. */
function drafts(lines: Lines, pieces: readonly Piece[]): readonly Draft[] {
  const all: Draft[] = [];
  let current: Draft | null = null;
  let seen = new Set<string>();
  for (const piece of pieces) {
    for (const block of piece.blocks) {
      const at = block.start.line + piece.from;
      if (block.kind === 'heading') {
        const line = lines[at] ?? '';
        const heading = strictStep(line);
        const section = headingSection(line);
        const ends = heading !== null || (block.depth <= 2 && (section === null || seen.has(section)));
        if (ends && current !== null) current.end = at;
        if (heading !== null) {
          all.push((current = { ...heading, line: at, blocks: [], end: lines.length }));
          seen = new Set();
          continue;
        }
        if (ends) current = null;
        if (section !== null) seen.add(section);
      }
      current?.blocks.push(moveBlock(block, piece.from));
    }
  }
  return all;
}

function readContent(own: Lines, draft: Draft): Content {
  const blocks = joinLists(draft.blocks.map((block) => moveBlock(block, -draft.line)));
  return { parts: readStepParts(own, blocks), body: bodyOf(own.slice(1)) };
}

/** Verbatim, without the blank lines around it. */
export function bodyOf(lines: Lines): string {
  let from = 0;
  let to = lines.length;
  while (from < to && (lines[from] ?? '').trim() === '') from++;
  while (to > from && (lines[to - 1] ?? '').trim() === '') to--;
  return lines.slice(from, to).join('\n');
}

function place(lines: Lines, draft: Draft, { parts, body }: Content): FoundStep {
  const { n, title, line } = draft;
  return {
    step: {
      n,
      title,
      body,
      acceptanceCriteria: parts.acceptanceCriteria.map((item) => moveItem(item, line)),
      tests: parts.tests.map((item) => moveItem(item, line)),
      sections: parts.sections.map((section) => ({
        name: section.name,
        heading: moveRange(section.heading, line),
        range: moveRange(section.range, line),
        items: section.items.map((item) => moveItem(item, line)),
      })),
      heading: lineRange(lines, line),
      range: linesRange(lines, line, draft.end),
    },
    empty: parts.empty.map((range) => moveRange(range, line)),
  };
}
