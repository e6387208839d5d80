import { headingSection, readLabel } from './labels';
import type { Block } from './markdown';
import { matched, type Range } from './planText';
import {
  type Lines,
  lineRange,
  linesRange,
  type PlanItem,
  type PlanSection,
  rangeOf,
  type SectionName,
  textFrom,
  textOf,
} from './source';

/** The content of a step. Lines count from the step's heading. */
export interface StepParts {
  readonly sections: readonly PlanSection[];
  readonly acceptanceCriteria: readonly PlanItem[];
  readonly tests: readonly PlanItem[];
  readonly empty: readonly Range[];
  /** Sections with content: items, code or HTML. */
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
 * Ways to mark sections, from the clearest to the loosest. A plan that uses a clear way is not searched for looser
 * ones.
 */
const STYLES = ['headings', 'labels', 'bullets'] as const;
type Style = (typeof STYLES)[number];
/** Deeper than every heading, so that any heading ends a section that a label began. */
const LABEL_DEPTH = 7;

/**
 * Reads the sections of a step.
 * @param lines the step's lines, from its heading on
 * @param blocks the blocks below the heading
 */
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

/** Walks the blocks of a step once, and opens and closes its sections. */
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

  /**
   * Opens a section at a label; its text may follow on the same line.
   * @returns the column at which the text continues
   */
  private label(line: number, character: number): number {
    const text = textFrom(this.lines, { line, character });
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

/** `[ ]`, `[x]` and other forms. */
const CHECKBOX = /^[ \t]*(?:\[[ xX✓✔~-]?\]|[☐☑☒✅⬜](?:\ufe0f)?)(?:[ \t]+|$)/u;
const BULLET = /^[ \t]*(?:[-*+•]|\d{1,9}[.)])(?:[ \t]+|$)/u;

/** Returns the length of a bullet and a checkbox at the start of a line; 0 when it has neither. */
function itemMark(line: string): number {
  const { length } = matched(BULLET, line);
  return length + matched(CHECKBOX, line.slice(length)).length;
}

/** Collects the items of one section; without a list, its prose. */
export class Items {
  private readonly listed: PlanItem[] = [];
  private readonly prose: PlanItem[] = [];
  private readonly all: PlanItem[] = [];
  /** Items without text. */
  readonly empty: Range[] = [];
  /** Whether the section has content other than items: code, or HTML that is not a comment. */
  other = false;

  constructor(
    private readonly lines: Lines,
    private readonly name: SectionName,
  ) {}

  get items(): readonly PlanItem[] {
    if (this.name === 'goal') return this.all;
    return this.listed.length > 0 ? this.listed : this.prose;
  }

  addBlock(block: Block): void {
    switch (block.kind) {
      case 'list':
        this.addList(block.children);
        break;
      case 'quote':
        for (const child of block.children) this.addBlock(child);
        break;
      case 'paragraph':
        this.addParagraph(block.start.line, block.start.character, block.end.line);
        break;
      case 'code':
        this.other = true;
        this.addCode(block);
        break;
      case 'item':
        this.addItem(block.children, rangeOf(this.lines, block.start, block.end));
        break;
      case 'html':
        if (!textFrom(this.lines, block.start).startsWith('<!--')) this.other = true;
        break;
      case 'heading':
      case 'other':
        break;
    }
  }

  addList(items: readonly Block[]): void {
    for (const item of items)
      if (item.kind === 'item') this.addItem(item.children, rangeOf(this.lines, item.start, item.end));
  }

  /**
   * Reads the lines of a paragraph. Lines that look like items are items, because their list was indented too far; the
   * rest is prose.
   */
  addParagraph(from: number, character: number, to: number): void {
    let open: { start: number; character: number; listed: boolean } | null = null;
    const close = (end: number): void => {
      if (open === null) return;
      const last = lineRange(this.lines, end).end;
      this.add({ start: { line: open.start, character: open.character }, end: last }, open.listed);
      open = null;
    };
    for (let at = from; at <= to; at++) {
      const line = this.lines[at] ?? '';
      const start = at === from ? character : line.length - line.trimStart().length;
      const mark = itemMark(line.slice(start));
      if (mark > 0) {
        close(at - 1);
        open = { start: at, character: start + mark, listed: true };
      } else open ??= { start: at, character: start, listed: false };
    }
    close(to);
  }

  private addItem(children: readonly Block[], range: Range): void {
    const [first] = children;
    const nested = children.filter((child) => child.kind === 'list' || child.kind === 'code');
    if (first?.kind === 'paragraph') {
      const own = rangeOf(this.lines, first.start, first.end);
      const box = matched(CHECKBOX, textFrom(this.lines, own.start)).length;
      // A bullet such as "API:" above other bullets names a group and is not a criterion itself.
      const group =
        this.name === 'acceptance criteria' &&
        box === 0 &&
        nested.some((child) => child.kind === 'list') &&
        textOf(this.lines, own).endsWith(':');
      if (!group)
        this.add({ start: { line: own.start.line, character: own.start.character + box }, end: own.end }, true, own);
    } else if (children.length === 0) this.empty.push(range);
    for (const child of nested) {
      if (child.kind !== 'list' || this.name !== 'acceptance criteria' || this.standsAlone(child, first))
        this.addBlock(child);
    }
  }

  /** Nested bullets explain their criterion, unless they have checkboxes of their own or are below a group's name. */
  private standsAlone(list: Block, above: Block | undefined): boolean {
    if (above?.kind !== 'paragraph' || textOf(this.lines, rangeOf(this.lines, above.start, above.end)).endsWith(':'))
      return true;
    return (
      list.kind === 'list' &&
      list.children.some((item) => /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]?\]/u.test(textFrom(this.lines, item.start)))
    );
  }

  private addCode(block: Block): void {
    const fenced = /^\s*(?:[-*+]\s+)?(?:`{3,}|~{3,})/u.test(textFrom(this.lines, block.start));
    if (fenced && this.name !== 'tests') return;
    for (let at = block.start.line + (fenced ? 1 : 0); at <= block.end.line; at++) {
      const line = this.lines[at] ?? '';
      const mark = fenced ? matched(/^[ \t]*(?:\$[ \t]+)?/u, line).length : itemMark(line);
      if (fenced ? /^[ \t]*(?:#|`{3,}|~{3,}|$)/u.test(line) : mark === 0) continue;
      const range = lineRange(this.lines, at);
      this.add({ start: { line: at, character: mark }, end: range.end }, true);
    }
  }

  private add(range: Range, listed: boolean, whole = range): void {
    const text =
      range.end.line === range.start.line && range.end.character < range.start.character
        ? ''
        : textOf(this.lines, range);
    if (text === '') {
      if (listed) this.empty.push(whole);
      return;
    }
    const item = { text, range };
    (listed ? this.listed : this.prose).push(item);
    this.all.push(item);
  }
}
