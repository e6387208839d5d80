import type { Nodes, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { guardLine, isBlank } from './planText';

/** Lines and columns from 0, in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

interface Span {
  readonly start: Place;
  readonly end: Place;
}

/**
 * The block structure of Markdown as far as a plan needs it; what stands inside a paragraph is read from the source.
 */
export type Block = Span &
  (
    | { readonly kind: 'heading'; readonly depth: number }
    | { readonly kind: 'paragraph' | 'html' | 'other' }
    | { readonly kind: 'code'; readonly lang: string }
    | { readonly kind: 'list'; readonly ordered: boolean; readonly first: number; readonly children: readonly Block[] }
    | { readonly kind: 'item' | 'quote'; readonly children: readonly Block[] }
  );

/**
 * Plans are read by blocks alone; without the constructs inside a line the library takes half the time and no odd input
 * is slow.
 */
const blocksOnly = {
  disable: {
    null: [
      'attention',
      'autolink',
      'characterEscape',
      'characterReference',
      'codeText',
      'hardBreakEscape',
      'htmlText',
      'labelEnd',
      'labelStartImage',
      'labelStartLink',
    ],
  },
};

/** @param source Markdown with `\n` line ends @returns its top-level blocks, in order */
export function readBlocks(source: string): readonly Block[] {
  return toBlocks(fromMarkdown(source, { extensions: [blocksOnly] }).children);
}

function toBlocks(nodes: readonly RootContent[]): readonly Block[] {
  return nodes.map(toBlock);
}

function toBlock(node: RootContent): Block {
  const span = spanOf(node);
  switch (node.type) {
    case 'heading':
      return { ...span, kind: 'heading', depth: node.depth };
    case 'paragraph':
      return { ...span, kind: 'paragraph' };
    case 'html':
      return { ...span, kind: 'html' };
    case 'code':
      return { ...span, kind: 'code', lang: node.lang ?? '' };
    case 'list':
      return {
        ...span,
        kind: 'list',
        ordered: node.ordered ?? false,
        first: node.start ?? 1,
        children: toBlocks(node.children),
      };
    case 'listItem':
      return { ...span, kind: 'item', children: toBlocks(node.children) };
    case 'blockquote':
      return { ...span, kind: 'quote', children: toBlocks(node.children) };
    default:
      return { ...span, kind: 'other' };
  }
}

function spanOf(node: Nodes): Span {
  const { start, end } = node.position ?? { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  return {
    start: { line: start.line - 1, character: start.column - 1 },
    end: { line: end.line - 1, character: end.column - 1 },
  };
}

/** The same block `lines` further down. */
export function moveBlock(block: Block, lines: number): Block {
  if (lines === 0) return block;
  const moved = { start: movePlace(block.start, lines), end: movePlace(block.end, lines) };
  if ('children' in block)
    return { ...block, ...moved, children: block.children.map((child) => moveBlock(child, lines)) };
  return { ...block, ...moved };
}

const movePlace = (place: Place, lines: number): Place => ({ line: place.line + lines, character: place.character });

/** Up to this many lines a piece is cut at headings alone; beyond, at any line that closes every container. */
const PIECE_LINES = 40;
/** A single block longer than this is read as two: the library's cost grows with the square of a block. */
const BLOCK_LINES = 2_000;

/** Some lines that were parsed by themselves. `blocks` count lines from `from`. */
export interface Piece {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly blocks: readonly Block[];
}

/**
 * Reads a document's top-level blocks piece by piece and keeps the pieces, so that a keystroke costs one piece.
 * The result is that of the Markdown library on the whole text (a property test holds it to that): a piece ends before
 * a line that
 * closes all containers, such as a heading in the first column, and where the library says that a fence or HTML is
 * still open
 * there, the rest of that block is found by the rule that ends it.
 */
export class BlockReader {
  private source: readonly string[] = [];
  private pieces: readonly Piece[] = [];

  /**
   * @param lines without line ends @param source the lines as they were written, when `lines` are read in their stead:
   *   what is not
   * the same there is read anew @returns pieces that cover all lines, in order
   */
  read(lines: readonly string[], source = lines): readonly Piece[] {
    const head = commonHead(this.source, source);
    const tail = commonTail(this.source, source, head);
    const moved = lines.length - this.source.length;
    // A piece depends on its lines and on the line after them, no more.
    const pieces = this.pieces.filter((piece) => piece.to < head);
    const kept = new Map<number, number>();
    for (const [index, piece] of this.pieces.entries())
      if (piece.from >= this.source.length - tail) kept.set(piece.from + moved, index);
    for (let from = pieces.at(-1)?.to ?? 0; from < lines.length; ) {
      const index = kept.get(from);
      if (index !== undefined) {
        for (const piece of this.pieces.slice(index))
          pieces.push(moved === 0 ? piece : { from: piece.from + moved, to: piece.to + moved, blocks: piece.blocks });
        break;
      }
      const piece = readPiece(lines, from);
      pieces.push(piece);
      from = piece.to;
    }
    this.source = source;
    this.pieces = pieces;
    return pieces;
  }
}

function readPiece(lines: readonly string[], from: number): Piece {
  const stop = pieceEnd(lines, from);
  // With the line end that follows: the library reads HTML in a list's last line in another way when nothing follows
  // it.
  const blocks = [...readBlocks(lines.slice(from, stop).map(guardLine).join('\n') + (stop < lines.length ? '\n' : ''))];
  const last = blocks.at(-1);
  if (last === undefined || stop === lines.length) return { from, to: stop, blocks };
  const to = openEnd(lines, moveBlock(last, from), stop);
  if (to > stop)
    blocks[blocks.length - 1] = {
      ...last,
      end: { line: to - 1 - from, character: guardLine(lines[to - 1] ?? '').length },
    };
  return { from, to, blocks };
}

/** The blocks of all pieces with the document's own lines; a list that was cut is whole again. */
export function joinPieces(pieces: readonly Piece[]): readonly Block[] {
  return joinLists(pieces.flatMap((piece) => piece.blocks.map((block) => moveBlock(block, piece.from))));
}

/** Neighbouring lists of one kind become one, as they are when nothing cuts them. */
export function joinLists(blocks: readonly Block[]): readonly Block[] {
  const joined: Block[] = [];
  let items: Block[] = [];
  for (const block of blocks) {
    const last = joined.at(-1);
    if (last?.kind === 'list' && block.kind === 'list' && last.ordered === block.ordered) {
      items.push(...block.children);
      joined[joined.length - 1] = { ...last, end: block.end, children: items };
    } else if (block.kind === 'list') {
      items = [...block.children];
      joined.push({ ...block, children: items });
    } else joined.push(block);
  }
  return joined;
}

function commonHead(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a[at] === b[at]) at++;
  return at;
}

function commonTail(a: readonly string[], b: readonly string[], head: number): number {
  const most = Math.min(a.length, b.length) - head;
  let at = 0;
  while (at < most && a[a.length - 1 - at] === b[b.length - 1 - at]) at++;
  return at;
}

const HEADING = /^#{1,2}(?:[ \t]|$)/u;
const BULLET = /^[-+*] +[^\s]/u;
const NUMBER = /^\d{1,9}[.)] +[^\s]/u;

/** The first line after `from` that may begin a piece. */
function pieceEnd(lines: readonly string[], from: number): number {
  let numbered = false;
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (at > from && HEADING.test(line)) return at;
    if (at - from >= BLOCK_LINES) return at;
    const code = line.charCodeAt(0);
    if (Number.isNaN(code) || code === 32 || code === 9) continue;
    const afterBlank = at === from || isBlank(lines[at - 1]);
    const isNumber = NUMBER.test(line);
    // A number may not interrupt a paragraph, unless it is 1 or its list is already open.
    numbered = isNumber && (numbered || afterBlank || /^1[.)]/u.test(line));
    if (at - from < PIECE_LINES) continue;
    if (numbered || BULLET.test(line)) return at;
    if (afterBlank && !/^[-+*\d]/u.test(line)) return at;
  }
  return lines.length;
}

const FENCE = /^[ ]{0,3}(`{3,}|~{3,})/u;
const CLOSING_FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*$/u;

/** Where the block that is open at the end of its piece really ends: the line after its last. */
function openEnd(lines: readonly string[], block: Block, pieceStop: number): number {
  const first = lines[block.start.line] ?? '';
  if (block.kind === 'code') {
    const fence = FENCE.exec(first)?.[1];
    if (fence === undefined) return pieceStop;
    const closes = (line: string): boolean => {
      const marks = CLOSING_FENCE.exec(line)?.[1] ?? '';
      return marks.charAt(0) === fence.charAt(0) && marks.length >= fence.length;
    };
    if (block.end.line > block.start.line && block.end.line < pieceStop && closes(lines[block.end.line] ?? ''))
      return pieceStop;
    return lineAfter(lines, pieceStop, closes);
  }
  if (block.kind !== 'html') return pieceStop;
  const closes = htmlEnd(first.trimStart());
  if (closes === undefined) return isBlank(lines[pieceStop - 1]) ? pieceStop : lineBefore(lines, pieceStop, isBlank);
  // Open HTML ends for the library behind the last line end, which is a line of the next piece.
  for (let at = block.start.line; at <= block.end.line && at < pieceStop; at++)
    if (closes.test(guardLine(lines[at] ?? ''))) return pieceStop;
  return lineAfter(lines, pieceStop, (line) => closes.test(line));
}

/** What ends HTML of the kinds that do not end at a blank line (CommonMark, "HTML blocks"). */
function htmlEnd(start: string): RegExp | undefined {
  if (/^<(?:script|pre|style|textarea)(?:[\s>]|$)/iu.test(start)) return /<\/(?:script|pre|style|textarea)>/iu;
  if (start.startsWith('<!--')) return /-->/u;
  if (start.startsWith('<?')) return /\?>/u;
  if (start.startsWith('<![CDATA[')) return /\]\]>/u;
  return /^<![a-z]/iu.test(start) ? />/u : undefined;
}

function lineAfter(lines: readonly string[], from: number, test: (line: string) => boolean): number {
  const at = lineBefore(lines, from, test);
  return Math.min(at + 1, lines.length);
}

function lineBefore(lines: readonly string[], from: number, test: (line: string) => boolean): number {
  for (let at = from; at < lines.length; at++) if (test(guardLine(lines[at] ?? ''))) return at;
  return lines.length;
}
