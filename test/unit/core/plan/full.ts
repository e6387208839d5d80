import { joinLists } from '../../../../src/core/plan/blocks';
import { type Block, readBlocks } from '../../../../src/core/plan/markdown';

/** Reads the blocks of a whole text with one call of the Markdown library, and joins lists as the reader does. */
export function fullBlocks(text: string): readonly Block[] {
  return joinLists(readBlocks(text));
}

/**
 * Returns what must agree between both readings. The library ends a container whose last fence is open in one of three
 * places, depending on what follows; no step, section or item uses the end of a container.
 */
export function comparable(blocks: readonly Block[], inside = false): readonly unknown[] {
  return blocks.map((block) => ({
    ...block,
    ...(inside || 'children' in block ? { end: undefined } : {}),
    ...('children' in block ? { children: comparable(block.children, true) } : {}),
  }));
}

/** Fragments of Markdown that open, close and interrupt each other. */
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
