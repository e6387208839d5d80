import type { Nodes, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';

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
