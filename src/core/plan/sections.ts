import type { Block } from './blocks';
import { Items } from './items';
import { headingSection, readLabel } from './labels';
import { type Lines, lineRange, linesRange } from './source';
import type { PlanItem, PlanSection, Range, SectionName } from './types';

/** What stands in a step, its lines counted from the step's heading. */
export interface StepParts {
  readonly sections: readonly PlanSection[];
  readonly acceptanceCriteria: readonly PlanItem[];
  readonly tests: readonly PlanItem[];
  readonly empty: readonly Range[];
  /** The sections that say something: items, code or HTML. */
  readonly filled: ReadonlySet<SectionName>;
}

interface Draft {
  readonly name: SectionName;
  readonly heading: Range;
  readonly items: Items;
  readonly depth: number;
  end: number;
}

/**
 * How sections are marked, from the clearest to the loosest; a plan that uses a clear way is not searched for looser
 * ones.
 */
const STYLES = ['headings', 'labels', 'bullets'] as const;
type Style = (typeof STYLES)[number];
/** Deeper than every heading, so that any heading ends a section that a label opened. */
const LABEL_DEPTH = 7;

/** @param lines the step's lines from its heading on @param blocks what stands below the heading */
export function readStepParts(lines: Lines, blocks: readonly Block[]): StepParts {
  let drafts: readonly Draft[] = [];
  for (const style of STYLES) {
    const reader = new SectionReader(lines, style);
    for (const block of blocks) reader.block(block);
    drafts = reader.drafts;
    if (new Set(drafts.map((draft) => draft.name)).size >= 2) break;
  }
  const sections = drafts.map(
    (draft): PlanSection => ({
      name: draft.name,
      heading: draft.heading,
      range: {
        start: { line: draft.heading.start.line, character: 0 },
        end: linesRange(lines, draft.heading.start.line, draft.end).end,
      },
      items: draft.items.items,
    }),
  );
  const itemsOf = (name: SectionName): readonly PlanItem[] =>
    sections.filter((section) => section.name === name).flatMap((section) => section.items);
  return {
    sections,
    acceptanceCriteria: itemsOf('acceptance criteria'),
    tests: itemsOf('tests'),
    empty: drafts.filter((draft) => draft.name === 'acceptance criteria').flatMap((draft) => draft.items.empty),
    filled: new Set(drafts.filter(({ items }) => items.items.length > 0 || items.other).map(({ name }) => name)),
  };
}

/** Walks the blocks of a step once, opening and closing sections. */
class SectionReader {
  readonly drafts: Draft[] = [];
  private current: Draft | null = null;

  constructor(
    private readonly lines: Lines,
    private readonly style: Style,
  ) {}

  block(block: Block): void {
    if (block.kind === 'heading') this.heading(block);
    else if (block.kind === 'paragraph' && this.style !== 'headings') this.paragraph(block);
    else if (block.kind === 'list' && this.style === 'bullets') for (const child of block.children) this.bullet(child);
    else this.current?.items.addBlock(block);
  }

  private heading(block: Block & { kind: 'heading' }): void {
    const name = headingSection(this.lines[block.start.line] ?? '', block.depth);
    if (name !== null) this.open(name, lineRange(this.lines, block.start.line), block.depth);
    else if (this.current !== null && block.depth <= this.current.depth) this.close(block.start.line);
  }

  private paragraph(block: Block): void {
    let from = block.start.line;
    let character = block.start.character;
    for (let line = from; line <= block.end.line; line++) {
      const text = this.lines[line] ?? '';
      const indent = line === block.start.line ? block.start.character : text.length - text.trimStart().length;
      if (readLabel(text.slice(indent)) === null) continue;
      if (line > from) this.current?.items.addParagraph(from, character, line - 1);
      character = this.label(line, indent);
      from = line;
    }
    this.current?.items.addParagraph(from, character, block.end.line);
  }

  private bullet(item: Block): void {
    const children = item.kind === 'item' ? item.children : [];
    const first = children[0];
    const at = first?.kind === 'paragraph' ? this.label(first.start.line, first.start.character) : 0;
    if (first?.kind !== 'paragraph' || at === first.start.character) {
      this.current?.items.addList([item]);
      return;
    }
    this.current?.items.addParagraph(first.start.line, at, first.end.line);
    for (const child of children.slice(1)) this.current?.items.addBlock(child);
  }

  /** A label opens a section that goes on behind it on the same line. @returns where the text goes on */
  private label(line: number, character: number): number {
    const text = (this.lines[line] ?? '').slice(character);
    const found = readLabel(text);
    if (found === null) return character;
    const end = character + text.slice(0, found.length).trimEnd().length;
    if (found.name === null) this.close(line);
    else this.open(found.name, { start: { line, character }, end: { line, character: end } }, LABEL_DEPTH);
    return character + found.length;
  }

  private open(name: SectionName, heading: Range, depth: number): void {
    this.close(heading.start.line);
    this.current = { name, heading, items: new Items(this.lines, name), depth, end: this.lines.length };
    this.drafts.push(this.current);
  }

  private close(line: number): void {
    if (this.current !== null) this.current.end = line;
    this.current = null;
  }
}
