import type { Block } from './blocks';
import { type Lines, lineRange, rangeOf, textOf } from './source';
import type { PlanItem, Range, SectionName } from './types';

/** `[ ]`, `[x]` and what else marks a box. */
const CHECKBOX = /^(?:\[[ xX✓✔~-]?\]|[☐☑☒✅⬜](?:\ufe0f)?)(?:[ \t]+|$)/u;
const ITEM =
  /^[ \t]*(?:(?:[-*+•]|\d{1,9}[.)])(?:[ \t]+|$)(?:(?:\[[ xX✓✔~-]?\]|[☐☑☒✅⬜](?:\ufe0f)?)(?:[ \t]+|$))?|(?:\[[ xX✓✔~-]?\]|[☐☑☒✅⬜](?:\ufe0f)?)(?:[ \t]+|$))/u;

/** Gathers what one section says: list items, and prose for where there is no list. */
export class Items {
  private readonly listed: PlanItem[] = [];
  private readonly prose: PlanItem[] = [];
  private readonly all: PlanItem[] = [];
  /** Items without a word. */
  readonly empty: Range[] = [];
  /** Whether there is something that is no item: code, or HTML that is no comment. */
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
        if (!(this.lines[block.start.line] ?? '').slice(block.start.character).startsWith('<!--')) this.other = true;
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

  /** Lines of a paragraph: those that look like items are items (the list was indented too far), the rest is prose. */
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
      const mark = ITEM.exec(line.slice(start))?.[0].length ?? 0;
      if (mark > 0) {
        close(at - 1);
        open = { start: at, character: start + mark, listed: true };
      } else open ??= { start: at, character: start, listed: false };
    }
    close(to);
  }

  private addItem(children: readonly Block[], range: Range): void {
    const [first, ...rest] = children;
    const nested = (first?.kind === 'paragraph' ? rest : children).filter(
      (child) => child.kind === 'list' || child.kind === 'code',
    );
    if (first?.kind === 'paragraph') {
      const own = rangeOf(this.lines, first.start, first.end);
      const box = CHECKBOX.exec((this.lines[own.start.line] ?? '').slice(own.start.character))?.[0].length ?? 0;
      // A bullet such as "API:" over other bullets names a group, it is no criterion itself.
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

  /** Nested bullets explain their criterion, unless they have boxes of their own or stand below a group's name. */
  private standsAlone(list: Block, above: Block | undefined): boolean {
    if (above?.kind !== 'paragraph' || textOf(this.lines, rangeOf(this.lines, above.start, above.end)).endsWith(':'))
      return true;
    return (
      list.kind === 'list' &&
      list.children.some((item) =>
        /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]?\]/u.test((this.lines[item.start.line] ?? '').slice(item.start.character)),
      )
    );
  }

  private addCode(block: Block): void {
    const fenced = /^\s*(?:[-*+]\s+)?(?:`{3,}|~{3,})/u.test(
      (this.lines[block.start.line] ?? '').slice(block.start.character),
    );
    if (fenced && this.name !== 'tests') return;
    for (let at = block.start.line + (fenced ? 1 : 0); at <= block.end.line; at++) {
      const line = this.lines[at] ?? '';
      const mark = fenced ? /^[ \t]*(?:\$[ \t]+)?/u.exec(line)?.[0].length : ITEM.exec(line)?.[0].length;
      if (mark === undefined || (fenced && /^[ \t]*(?:#|`{3,}|~{3,}|$)/u.test(line))) continue;
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
