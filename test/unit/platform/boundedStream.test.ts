import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedStream } from '../../../src/platform/boundedStream';
import { size } from '../../support/deep';

function stream(): { readonly log: string[]; readonly it: BoundedStream } {
  const log: string[] = [];
  return { log, it: new BoundedStream((line) => log.push(line)) };
}

test('lines come whole, whatever pieces they come in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 20 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 7 }),
      (lines, size) => {
        const { log, it } = stream();
        const text = lines.map((line) => line.replaceAll(/[\r\n]/gu, ' ')).join('\n');
        for (let at = 0; at < text.length; at += size) it.add(text.slice(at, at + size));
        it.end();
        expect(log).toEqual(text.split('\n').filter((line) => line.trim() !== ''));
      },
    ),
  );
});

test.each([
  ['short lines', 'x'.repeat(79) + '\n'],
  ['one line without end', 'x'.repeat(80)],
  ['lines that are too long', `${'x'.repeat(100_000)}\n`],
])(`${size(60)} MB of %s leave a bounded log that says what is not in it`, (_, piece) => {
  const { log, it } = stream();
  for (let printed = 0; printed < size(60e6); printed += piece.length) it.add(piece);
  it.end();
  expect(log.join('\n').length).toBeLessThan(300_000);
  expect(log.every((line) => line.length <= 4_000)).toBe(true);
  expect(log.at(-1)).toMatch(/^… \d+\.\d million characters more were printed and are not shown\.$/u);
});

test('each program has the whole limit for itself', () => {
  const { log, it } = stream();
  it.add('x\n'.repeat(200_000));
  it.end();
  it.add('the next one\n');
  it.end();
  expect(log.at(-1)).toBe('the next one');
});
