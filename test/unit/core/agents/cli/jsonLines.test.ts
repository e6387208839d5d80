import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonLines } from '../../../../../src/core/agents/cli/agentReader';

function read(pieces: readonly string[], longest?: number): { values: unknown[]; unreadable: number } {
  const values: unknown[] = [];
  const lines = new JsonLines((value) => values.push(value), longest);
  for (const piece of pieces) lines.push(piece);
  lines.end();
  return { values, unreadable: lines.unreadable };
}

/** Cuts a text at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => text.slice(from, at[i] ?? text.length));
}

describe('JSON lines', () => {
  test('are read wherever the output is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.array(fc.nat()), (objects, places) => {
        const text = objects.map((one) => `${JSON.stringify(one)}\n`).join('');
        expect(read(cut(text, places))).toEqual({
          values: JSON.parse(JSON.stringify(objects)) as unknown,
          unreadable: 0,
        });
      }),
    );
  });

  test('survive anything between them', () => {
    const noise = fc
      .string({ unit: 'binary' })
      .map((text) => text.replaceAll('\n', ' '))
      .filter((text) => !text.trim().startsWith('{'));
    fc.assert(
      fc.property(fc.array(noise), (lines) => {
        const { values, unreadable } = read([lines.flatMap((line) => [line, '{"n":1}']).join('\r\n')]);
        expect(values).toEqual(lines.map(() => ({ n: 1 })));
        expect(unreadable).toBe(lines.filter((line) => line.trim() !== '').length);
      }),
      { numRuns: 50 },
    );
  });

  test('the last one counts without its newline', () => {
    expect(read(['{"a":1}\n{"b"', ':2}']).values).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('one that is too long is left out, the ones around it are read', () => {
    const long = `{"a":"${'x'.repeat(200)}"}`;
    expect(read([`{"n":1}\n${long.slice(0, 50)}`, `${long.slice(50)}\n{"n":2}\n`], 100)).toEqual({
      values: [{ n: 1 }, { n: 2 }],
      unreadable: 1,
    });
  });

  test('a line that never ends takes no memory', () => {
    const lines = new JsonLines(() => undefined, 1000);
    const piece = `{${'x'.repeat(100_000)}`;
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 5_000; i++) lines.push(piece);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000);
    lines.end();
    expect(lines.unreadable).toBe(1);
  });

  test('arrays, numbers and null are no events', () => {
    expect(read(['[1]\n2\nnull\n"x"\n{}\n'])).toEqual({ values: [{}], unreadable: 4 });
  });
});
