import { type Block, joinLists, readBlocks } from '../../../../src/core/plan/blocks';

/** The blocks of a whole text by one call of the Markdown library, lists joined as the reader joins them. */
export function fullBlocks(text: string): readonly Block[] {
  return joinLists(readBlocks(text));
}

/**
 * Blocks as far as they have to agree. The library ends a container, whose last fence is open, in one of three places,
 * by what follows it; the end of a container is used for no step, no section and no item.
 */
export function comparable(blocks: readonly Block[], inside = false): readonly unknown[] {
  return blocks.map((block) => ({
    ...block,
    ...(inside || 'children' in block ? { end: undefined } : {}),
    ...('children' in block ? { children: comparable(block.children, true) } : {}),
  }));
}

/** Pieces of Markdown that open, close and interrupt each other. */
export const FRAGMENTS: readonly string[] = [
  '## Step 1: A',
  '## Step 2: B',
  '### Goal',
  '# Top',
  '  ## Step 3: C',
  '#',
  '####### seven',
  'text',
  'text  ',
  '',
  '',
  '   ',
  '```',
  '~~~',
  '```md',
  '   ```',
  '    ```',
  '````',
  '- item',
  '- [ ] box',
  '* star',
  '+ plus',
  '1. one',
  '2. two',
  '7) seven',
  '  nested',
  '  - nested',
  '    - deep',
  '\t- tab',
  '- ```',
  '  ```',
  '> quote',
  '> ## Step 9: Q',
  '> ```',
  '<div>',
  '</div>',
  '<!-- note',
  '-->',
  '<script>',
  '</script>',
  '<?php',
  '?>',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE x>',
  '<!X',
  '---',
  '===',
  '***',
  '[a]: /x',
  '[a]: /x "title',
  '| a | b |',
  '|---|---|',
  '**Goal:** x',
  '-',
  '1.',
  '- - x',
  '    code',
  '\u00a0',
  '\ud800',
  '\u0000',
  '<b>x',
  '`',
  'ß ünïcode 日本',
];
