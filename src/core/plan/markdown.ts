import type { Nodes, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { moveRange, type Range } from './planText';

/** A Markdown block, with what a plan needs. Text inside a paragraph is read from the source. */
export type Block = Range &
  (
    | { readonly kind: 'heading'; readonly depth: number }
    | { readonly kind: 'paragraph' | 'html' | 'other' }
    | { readonly kind: 'code'; readonly lang: string }
    | { readonly kind: 'list'; readonly ordered: boolean; readonly first: number; readonly children: readonly Block[] }
    | { readonly kind: 'item' | 'quote'; readonly children: readonly Block[] }
  );

/**
 * Turns off inline syntax. A plan needs blocks only; without inline syntax the library takes half the time, and no
 * unusual input is slow.
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

/**
 * Parses Markdown.
 * @param source Markdown with `\n` line ends
 * @returns its top-level blocks, in order
 */
export function readBlocks(source: string): readonly Block[] {
  return toBlocks(fromMarkdown(source, { extensions: [blocksOnly] }).children);
}

function toBlocks(nodes: readonly RootContent[]): readonly Block[] {
  return nodes.map(toBlock);
}

function toBlock(node: RootContent): Block {
  const range = rangeOfNode(node);
  switch (node.type) {
    case 'heading':
      return { ...range, kind: 'heading', depth: node.depth };
    case 'paragraph':
      return { ...range, kind: 'paragraph' };
    case 'html':
      return { ...range, kind: 'html' };
    case 'code':
      return { ...range, kind: 'code', lang: node.lang ?? '' };
    case 'list':
      return {
        ...range,
        kind: 'list',
        ordered: node.ordered ?? false,
        first: node.start ?? 1,
        children: toBlocks(node.children),
      };
    case 'listItem':
      return { ...range, kind: 'item', children: toBlocks(node.children) };
    case 'blockquote':
      return { ...range, kind: 'quote', children: toBlocks(node.children) };
    default:
      return { ...range, kind: 'other' };
  }
}

function rangeOfNode(node: Nodes): Range {
  const { start, end } = node.position ?? { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  return {
    start: { line: start.line - 1, character: start.column - 1 },
    end: { line: end.line - 1, character: end.column - 1 },
  };
}

/** Returns the block moved down by `lines` lines. */
export function moveBlock(block: Block, lines: number): Block {
  if (lines === 0) return block;
  const moved = { ...block, ...moveRange(block, lines) };
  if (!('children' in moved)) return moved;
  return { ...moved, children: moved.children.map((child) => moveBlock(child, lines)) };
}
