import { type Block, moveBlock, readBlocks } from './markdown';
import { readPlainBlocks } from './plainBlocks';
import { guardLine, isBlank, OPENING_FENCE, type Range } from './planText';

/** Number of lines up to which a piece is cut at headings only; after that, at any line that closes all containers. */
const PIECE_LINES = 40;

/**
 * Maximum lines of a piece. A longer block is split, because the library's cost grows with the square of its length.
 */
const BLOCK_LINES = 2_000;

/** Lines that were parsed on their own. Lines in `blocks` count from `from`. */
export interface Piece {
  readonly from: number;
  /** The line after the last one. */
  readonly to: number;
  readonly blocks: readonly Block[];
}

/**
 * Reads a document's top-level blocks piece by piece and caches the pieces, so that a keystroke costs one piece.
 * The result equals that of the Markdown library on the whole text; a property test checks this. A piece ends before a
 * line that closes all containers, such as a heading in the first column. If the library reports a fence or HTML still
 * open there, the reader finds the end of that block by the rule that closes it.
 */
export class BlockReader {
  private source: readonly string[] = [];
  private pieces: readonly Piece[] = [];

  /**
   * @param lines without line ends
   * @param source the lines as written, when `lines` are a normalised form of them; lines that differ here are read
   *   again
   * @returns pieces that cover all lines, in order
   */
  read(lines: readonly string[], source = lines): readonly Piece[] {
    const head = commonHead(this.source, source);
    const tail = commonTail(this.source, source, head);
    const moved = lines.length - this.source.length;
    // A piece depends only on its own lines and on the line after them.
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
  const plain = readPlainBlocks(lines, from, stop);
  if (plain !== null) return { from, ...plain };
  // Keep the line end: without one, the library reads HTML in the last line of a list differently.
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

/** Returns the blocks of all pieces with line numbers of the document; a list that was cut is whole again. */
export function joinPieces(pieces: readonly Piece[]): readonly Block[] {
  return joinLists(pieces.flatMap((piece) => piece.blocks.map((block) => moveBlock(block, piece.from))));
}

/** Joins neighbouring lists of one kind, which cutting had separated. */
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

const EMPTY_OR_INDENTED = /^(?:[ \t]|$)/u;

const BULLET = /^[-+*] +[^\s]/u;

const NUMBER = /^\d{1,9}[.)] +[^\s]/u;

/** Finds the first line after `from` that may begin a new piece. */
function pieceEnd(lines: readonly string[], from: number): number {
  let numbered = false;
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if ((at > from && HEADING.test(line)) || at - from >= BLOCK_LINES) return at;
    if (EMPTY_OR_INDENTED.test(line)) continue;
    const afterBlank = at === from || isBlank(lines[at - 1]);
    // A number cannot interrupt a paragraph, unless it is 1 or its list is already open.
    numbered = NUMBER.test(line) && (numbered || afterBlank || /^1[.)]/u.test(line));
    if (at - from >= PIECE_LINES && (numbered || closesContainers(line, afterBlank))) return at;
  }
  return lines.length;
}

const closesContainers = (line: string, afterBlank: boolean): boolean =>
  BULLET.test(line) || (afterBlank && !/^[-+*\d]/u.test(line));

const CLOSING_FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*$/u;

/** Finds the line after the end of a block that is still open at the end of its piece. */
function openEnd(lines: readonly string[], block: Block, pieceStop: number): number {
  if (block.kind === 'code') return fenceEnd(lines, block, pieceStop);
  return block.kind === 'html' ? htmlEnd(lines, block, pieceStop) : pieceStop;
}

function fenceEnd(lines: readonly string[], { start, end }: Range, pieceStop: number): number {
  const fence = OPENING_FENCE.exec(lines[start.line] ?? '')?.[1];
  if (fence === undefined) return pieceStop;
  const closes = (line: string): boolean => CLOSING_FENCE.exec(line)?.[1]?.startsWith(fence) === true;
  const closed = end.line > start.line && end.line < pieceStop && closes(lines[end.line] ?? '');
  return closed ? pieceStop : lineAfter(lines, pieceStop, closes);
}

function htmlEnd(lines: readonly string[], { start, end }: Range, pieceStop: number): number {
  const pattern = htmlClosing((lines[start.line] ?? '').trimStart());
  if (pattern === undefined) return isBlank(lines[pieceStop - 1]) ? pieceStop : lineWith(lines, pieceStop, isBlank);
  const closes = (line: string): boolean => pattern.test(line);
  // The library ends open HTML after the last line end, which is a line of the next piece.
  const closed = lineWith(lines, start.line, closes) < Math.min(end.line + 1, pieceStop);
  return closed ? pieceStop : lineAfter(lines, pieceStop, closes);
}

/** Returns the pattern that closes HTML of the kinds that do not end at a blank line (CommonMark, "HTML blocks"). */
function htmlClosing(start: string): RegExp | undefined {
  if (/^<(?:script|pre|style|textarea)(?:[\s>]|$)/iu.test(start)) return /<\/(?:script|pre|style|textarea)>/iu;
  if (start.startsWith('<!--')) return /-->/u;
  if (start.startsWith('<?')) return /\?>/u;
  if (start.startsWith('<![CDATA[')) return /\]\]>/u;
  return /^<![a-z]/iu.test(start) ? />/u : undefined;
}

const lineAfter = (lines: readonly string[], from: number, test: (line: string) => boolean): number =>
  Math.min(lineWith(lines, from, test) + 1, lines.length);

function lineWith(lines: readonly string[], from: number, test: (line: string) => boolean): number {
  for (let at = from; at < lines.length; at++) if (test(guardLine(lines[at] ?? ''))) return at;
  return lines.length;
}
