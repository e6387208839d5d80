import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../../../src/core/plan/markdown';
import { readPlainBlocks } from '../../../../src/core/plan/plainBlocks';
import { longPlan } from './corpus';
import { FRAGMENTS } from './full';

/** Lines of the kinds that are read without the library, and their neighbours that are not. */
const LINES = [
  ...[
    'text',
    'more text  ',
    '**Bold:** x',
    '| a | b |',
    '#hash',
    '[a](x)',
    '[x]',
    ']: y',
    '1.5 of it',
    '-dash',
    '`code` x',
  ],
  ...['## Heading', '### Deeper ###', '# Trailing  ', '#', '---', '***', '=='],
  ...[
    '- item',
    '- [ ] box',
    '* star',
    '+ plus',
    '-   wide',
    '- spaces behind  ',
    '-   ',
    '-     code',
    '- - x',
    '- # x',
  ],
  ...['1. one', '2. two', '10) ten', '1.  wide', '1.  '],
  ...['```', '```ts', '``` sh -x', '``` a\\+b', '```a&amp;b', '~~~', '````', '```  ', '~~~ a b', '```a`'],
  ...['', '', ''],
];
const INDENTS = ['', '', '', ' ', '  ', '   ', '    ', '     ', '      '];
const line = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(fc.constantFrom(...INDENTS), fc.constantFrom(...LINES)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant(''), fc.constantFrom(...FRAGMENTS)) },
);
const documents = fc.array(line, { maxLength: 10 }).map((lines) => lines.map(([indent, text]) => indent + text));

describe('readPlainBlocks', () => {
  it('gives exactly what the library gives, or leaves the text to it', () => {
    let read = 0;
    fc.assert(
      fc.property(documents, fc.boolean(), (lines, goesOn) => {
        const plain = readPlainBlocks(lines, 0, lines.length)?.blocks;
        if (plain === undefined) return;
        read++;
        expect(plain).toEqual(readBlocks(lines.join('\n') + (goesOn ? '\n' : '')));
      }),
      { numRuns: 6_000 },
    );
    expect(read).toBeGreaterThan(1_000);
  });

  it('gives the same for what is rare in random texts', () => {
    for (const source of [
      '- a\n  - b\n\n    c\n  1. d\n\n     e\n- f\ng\n\nh',
      '1. a\n\n   ```ts\n   x\n\n   y\n   ```\n2. b\n   - c\n     d\n3. e\n---\n* f\n+ g\n1) h\n1. i',
      '- a\n  ```\n \n     ```\n',
      '-   \n  text',
      '[a]:\n/x\ntext',
      '[a\nb]: /x',
    ]) {
      const lines = source.split('\n');
      expect([undefined, readBlocks(source)]).toContainEqual(readPlainBlocks(lines, 0, lines.length)?.blocks);
    }
  });

  it('reads a plan as agents write it', () => {
    const lines = `${longPlan(3)}1. a\n   - b\n\n     \`\`\`sh\n     npm test\n     \`\`\`\n\nEnd\nof it\n`.split('\n');
    expect(readPlainBlocks(lines, 0, lines.length)?.blocks).toEqual(readBlocks(lines.join('\n')));
  });

  it('reads a fence to its end, past comments that look like headings', () => {
    const lines = ['- a', '', '```sh', '# all of them', 'npm test', '```', 'text'];
    expect(readPlainBlocks(lines, 0, 3)).toEqual({ blocks: readBlocks(lines.slice(0, 6).join('\n')), to: 6 });
    expect(readPlainBlocks(lines.slice(0, 5), 0, 3)).toBeNull();
  });
});
