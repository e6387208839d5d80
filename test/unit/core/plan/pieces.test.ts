import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlanParser, parsePlan } from '../../../../src/core/plan';
import { BlockReader, joinPieces } from '../../../../src/core/plan/blocks';
import { comparable, FRAGMENTS, fullBlocks } from './full';

const text = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 30 }).map((lines) => lines.join('\n'));
/** Long enough for pieces to be cut between headings as well. */
const long = fc
  .array(fc.constantFrom(...FRAGMENTS, '- item', '1. one', '', 'text'), { minLength: 60, maxLength: 160 })
  .map((lines) => lines.filter((line) => !/^#/u.test(line)).join('\n'));

describe('BlockReader', () => {
  it('gives what the library gives for the whole text', () => {
    fc.assert(
      fc.property(text, (source) => {
        expect(comparable(joinPieces(new BlockReader().read(source.split('\n'))))).toEqual(
          comparable(fullBlocks(source)),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('gives that for long texts without a heading too', () => {
    fc.assert(
      fc.property(long, (source) => {
        expect(comparable(joinPieces(new BlockReader().read(source.split('\n'))))).toEqual(
          comparable(fullBlocks(source)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('reads on where HTML is open at the end of a piece, also when the next line closes it', () => {
    for (const [opens, ends] of [
      ['<script>', '</script>'],
      ['<!-- x', '-->'],
      ['<?php', '?>'],
    ] as const) {
      const source = `${'text\n\n'.repeat(18)}${opens}\n    - deep\n\n\n\n${ends}\n\ntext\n`;
      expect(comparable(joinPieces(new BlockReader().read(source.split('\n'))))).toEqual(
        comparable(fullBlocks(source)),
      );
    }
  });

  it('gives after any edits what it gives at once', () => {
    const edit = fc.record({
      at: fc.nat(200),
      remove: fc.nat(8),
      put: fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(text, fc.array(edit, { maxLength: 8 }), (source, edits) => {
        const parser = new PlanParser();
        parser.parse(source);
        let lines = source.split('\n');
        for (const { at, remove, put } of edits) {
          const from = Math.min(at, lines.length);
          lines = [...lines.slice(0, from), ...put, ...lines.slice(from + remove)];
          expect(parser.parse(lines.join('\n'))).toEqual(parsePlan(lines.join('\n')));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('parses one piece for one changed line', () => {
    const lines = Array.from({ length: 100 }, (_, at) => `## Step ${at + 1}: T\n\ntext`)
      .join('\n')
      .split('\n');
    const reader = new BlockReader();
    const before = reader.read(lines);
    const after = reader.read(lines.with(152, 'changed'));
    expect(after.filter((piece, at) => piece !== before[at]).length).toBeLessThanOrEqual(2);
  });
});
