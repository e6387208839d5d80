import type { Block } from './markdown';
import { guardLine, type Place } from './planText';

/** An item that the next line may extend. */
interface OpenItem {
  readonly kind: 'item';
  readonly start: Place;
  end: Place;
  readonly children: Block[];
}

interface OpenList {
  readonly kind: 'list';
  readonly start: Place;
  end: Place;
  readonly ordered: boolean;
  readonly first: number;
  readonly children: OpenItem[];
}

/** A list inside which the next line may stand. */
interface Level {
  /** The bullet, or the sign after the number. Another one begins another list. */
  readonly marker: string;
  readonly list: OpenList;
  item: OpenItem;
  /** Column from which a line belongs to the item. */
  offset: number;
}

interface OpenParagraph {
  readonly start: Place;
  /** Whether it begins with a bracket and may turn out to be a link definition. */
  readonly bracket: boolean;
}

interface OpenFence {
  readonly start: Place;
  readonly marks: string;
  readonly lang: string;
  /** Column at which the content of its container begins. */
  readonly offset: number;
}

/** A line, without the containers that it continues. */
interface Rest {
  readonly at: number;
  readonly text: string;
  /** Column at which `text` begins. */
  readonly indent: number;
  /** Number of open lists whose items the line continues. */
  readonly depth: number;
}

/** Tabs, which count as several columns, and characters that the library treats apart. */
const UNUSUAL = /[\t\0\ufeff]/u;
/** Text that does not begin or continue a paragraph, or may not. */
const SPECIAL = /^(?:[<>=]|#{1,6}(?: |$)|`{3}|~{3}|[-*_+][-*_+= ]*$|[-*+] |\d{1,9}[.)](?: |$))/u;
const HEADING = /^(#{1,6}) /u;
const BREAK = /^(?:-{3,}|\*{3,}|_{3,})$/u;
const ITEM = /^([-*+]|(\d{1,9})([.)])) {1,4}(?=[^ ])/u;
/** The rest of the line is the language and what follows it, without characters that the library may decode. */
const FENCE = /^(`{3,}|~{3,}) *(?:([^ `~\\&]+)(?: [^`~\\&]*)?)?$/u;
const FENCE_END = /^ {0,3}(`{3,}|~{3,}) *$/u;
/** Indentation from which a line is code. In columns. */
const CODE_INDENT = 4;

/** Blocks, and the line after their last one. Lines in `blocks` count from the first line. */
interface PlainBlocks {
  readonly blocks: readonly Block[];
  readonly to: number;
}

/**
 * Reads blocks of the common kinds without the Markdown library, which takes twenty times as long: headings with marks,
 * paragraphs, lists, closed fences and plain thematic breaks.
 * @param lines of the document
 * @param from first line, which continues no block
 * @param stop the line after the last one; a fence that is open there is read to its end
 * @returns what `readBlocks` gives for these lines; null when a line needs the library
 */
export function readPlainBlocks(lines: readonly string[], from: number, stop: number): PlainBlocks | null {
  const reader = new PlainReader();
  let at = from;
  for (; at < stop || (reader.inOuterFence && at < lines.length); at++)
    if (!reader.line(at - from, lines[at] ?? '')) return null;
  const blocks = reader.finish();
  return blocks === null ? null : { blocks, to: at };
}

/** Reads line by line. Each method that reads a line returns false when the line needs the library. */
class PlainReader {
  private readonly blocks: Block[] = [];
  private readonly levels: Level[] = [];
  private paragraph: OpenParagraph | null = null;
  private fence: OpenFence | null = null;
  /** End of the last line with content. */
  private last: Place = { line: 0, character: 0 };

  /** Whether a fence is open that stands in no list. A line of any kind may follow in it. */
  get inOuterFence(): boolean {
    return this.fence?.offset === 0;
  }

  line(at: number, line: string): boolean {
    if (this.fence !== null) return this.inFence(this.fence, at, line);
    if (UNUSUAL.test(line) || guardLine(line) !== line) return false;
    const indent = indentOf(line);
    if (indent === line.length) {
      this.endParagraph();
      return true;
    }
    let depth = 0;
    let offset = 0;
    for (let level = this.levels[0]; level !== undefined && indent >= level.offset; level = this.levels[++depth])
      ({ offset } = level);
    const rest = { at, text: line.slice(indent), indent, depth };
    const done = indent - offset >= CODE_INDENT ? this.continues(rest.text) : this.content(rest, offset);
    this.last = { line: at, character: line.length };
    return done;
  }

  /** @returns the blocks; null when a fence is open */
  finish(): readonly Block[] | null {
    if (this.fence !== null) return null;
    this.close(0);
    return this.blocks;
  }

  private content(rest: Rest, offset: number): boolean {
    if (!SPECIAL.test(rest.text)) return this.text(rest);
    const item = ITEM.exec(rest.text);
    if (item !== null) return this.item(rest, item);
    if (rest.indent > offset) return false;
    const fence = FENCE.exec(rest.text);
    if (fence !== null) return this.openFence(rest, fence, offset);
    return rest.indent === 0 && (this.heading(rest) || this.thematicBreak(rest));
  }

  private text({ at, text, indent, depth }: Rest): boolean {
    if (this.paragraph !== null) return this.continues(text);
    this.close(depth);
    return this.begin({ line: at, character: indent }, text);
  }

  /** Reads a further line of a paragraph, which may be indented less than its list, or more. */
  private continues(text: string): boolean {
    return this.paragraph !== null && !mayDefine(this.paragraph, text);
  }

  private item({ at, text, indent, depth }: Rest, found: RegExpExecArray): boolean {
    const [prefix, bullet = '', digits, sign] = found;
    const content = text.slice(prefix.length);
    if (SPECIAL.test(content)) return false;
    const marker = sign ?? bullet;
    const level = this.levels[depth];
    const same = level?.marker === marker;
    const first = digits === undefined ? 1 : Number(digits);
    // Within a paragraph only the number 1 begins a list.
    if (!same && this.paragraph !== null && first !== 1) return false;
    this.close(same ? depth + 1 : depth);
    if (same) this.endItem(level);
    const start = { line: at, character: indent };
    const offset = indent + prefix.length;
    const item: OpenItem = { kind: 'item', start, end: start, children: [] };
    if (same) {
      level.item = item;
      level.offset = offset;
      level.list.children.push(item);
    } else {
      const list: OpenList = {
        kind: 'list',
        start,
        end: start,
        ordered: digits !== undefined,
        first,
        children: [item],
      };
      this.add(list);
      this.levels.push({ marker, list, item, offset });
    }
    return this.begin({ line: at, character: offset }, content);
  }

  private heading({ at, text }: Rest): boolean {
    const marks = HEADING.exec(text)?.[1];
    if (marks === undefined) return false;
    this.addLine(at, text, { kind: 'heading', depth: marks.length });
    return true;
  }

  /** Below a paragraph the same line may underline a heading. */
  private thematicBreak({ at, text }: Rest): boolean {
    if (this.paragraph !== null || !BREAK.test(text)) return false;
    this.addLine(at, text, { kind: 'other' });
    return true;
  }

  private addLine(
    at: number,
    text: string,
    kind: { readonly kind: 'heading'; readonly depth: number } | { readonly kind: 'other' },
  ): void {
    this.close(0);
    this.add({ start: { line: at, character: 0 }, end: { line: at, character: text.length }, ...kind });
  }

  private openFence({ at, indent, depth }: Rest, [, marks = '', lang = '']: RegExpExecArray, offset: number): boolean {
    this.close(depth);
    this.fence = { start: { line: at, character: indent }, marks, lang, offset };
    return true;
  }

  private inFence({ start, marks, lang, offset }: OpenFence, at: number, line: string): boolean {
    if (offset > 0 && line !== '' && (line.includes('\t') || indentOf(line) < offset)) return false;
    const end = FENCE_END.exec(line.slice(offset));
    if (end?.[1]?.startsWith(marks) !== true) return true;
    // The library ends an item differently when white space stands before the end of its fence.
    if (offset > 0 && end[0].startsWith(' ')) return false;
    if (guardLine(line) !== line) return false;
    this.fence = null;
    this.last = { line: at, character: line.length };
    this.add({ start, end: this.last, kind: 'code', lang });
    return true;
  }

  private begin(start: Place, text: string): boolean {
    this.paragraph = { start, bracket: text.startsWith('[') };
    return !mayDefine(this.paragraph, text);
  }

  private endParagraph(): void {
    if (this.paragraph === null) return;
    const { start } = this.paragraph;
    this.paragraph = null;
    this.add({ start, end: this.last, kind: 'paragraph' });
  }

  /** Ends the open paragraph, and all lists but the outermost `depth`. */
  private close(depth: number): void {
    this.endParagraph();
    for (
      let level = this.levels.at(-1);
      level !== undefined && this.levels.length > depth;
      level = this.levels.at(-1)
    ) {
      this.endItem(level);
      this.levels.pop();
    }
  }

  private endItem({ item, list }: Level): void {
    item.end = this.last;
    list.end = this.last;
  }

  /** Adds a block to the innermost open item. */
  private add(block: Block): void {
    (this.levels.at(-1)?.item.children ?? this.blocks).push(block);
  }
}

/** Whether a line makes the paragraph a possible link definition. */
const mayDefine = ({ bracket }: OpenParagraph, text: string): boolean => bracket && text.includes(']:');

/** Returns the number of spaces at the start of a line. */
function indentOf(line: string): number {
  let at = 0;
  while (line.charCodeAt(at) === 32) at++;
  return at;
}
