import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeName, encodeName, isPlain, onDisk, showBytes, showName } from '../../../../src/core/git/names';

/** Bytes, mostly near the limits of UTF-8's table. */
const border = fc.constantFrom(
  0x2f,
  0x61,
  0x7f,
  0x80,
  0x8f,
  0x90,
  0x9f,
  0xa0,
  0xbf,
  0xc0,
  0xc1,
  0xc2,
  0xdf,
  0xe0,
  0xe1,
  0xec,
  0xed,
  0xee,
  0xef,
  0xf0,
  0xf1,
  0xf3,
  0xf4,
  0xf5,
  0xff,
);
const bytes = fc
  .array(fc.oneof(border, fc.integer({ min: 1, max: 255 })), { maxLength: 12 })
  .map((list) => Uint8Array.from(list));

describe('names', () => {
  test('any bytes come back, also through JSON', () => {
    fc.assert(
      fc.property(bytes, (name) => {
        const text = decodeName(name);
        expect([...encodeName(text)]).toEqual([...name]);
        expect([...encodeName(JSON.parse(JSON.stringify(text)) as string)]).toEqual([...name]);
        expect(JSON.stringify(text)).toBe(Buffer.from(JSON.stringify(text), 'utf8').toString('utf8'));
      }),
      { numRuns: 500 },
    );
  });

  test('two names never become one', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        if (Buffer.compare(one, other) !== 0) expect(decodeName(one)).not.toBe(decodeName(other));
      }),
      { numRuns: 500 },
    );
  });

  test('UTF-8 is text as ever, and text that is no name of bytes is written as ever', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeName(Buffer.from(text, 'utf8'))).toBe(text);
        expect(encodeName(text).toString('utf8')).toBe(text);
        expect(isPlain(text)).toBe(true);
      }),
    );
    expect(encodeName('half \ud83d').toString('utf8')).toBe('half \ufffd');
  });

  test.each([
    [Buffer.from([0x61, 0xff, 0x62]), 'a\udcffb'],
    [Buffer.from([0xed, 0xb3, 0xbf]), '\udced\udcb3\udcbf'], // a surrogate encoded like a character
    [Buffer.from([0xc0, 0xaf]), '\udcc0\udcaf'], // a slash in overlong encoding
    [Buffer.from([0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f]), '\u{1f600}\udcf0\udc9f'],
    [Buffer.from([0xef, 0xbb, 0xbf, 0x61]), '\ufeffa'],
  ])('%j', (name, text) => {
    expect(decodeName(name)).toBe(text);
    expect(encodeName(text)).toEqual(name);
  });

  test('are shown in one line, and two that differ differ', () => {
    expect(showName('a\udcffb')).toBe(String.raw`a\xffb`);
    expect(showName(String.raw`a\xffb`)).toBe(String.raw`a\xffb`);
    expect(showName('a\\\udcff')).toBe(String.raw`a\\\xff`);
    expect(showName('a\nb\u202ec\u0007')).toBe(String.raw`a\nb\u202ec\x07`);
    expect(showName('käse/日本.txt')).toBe('käse/日本.txt');
  });

  test('stand in a patch that is shown as what they are', () => {
    expect(showBytes(Buffer.from('+++ b/\xe9\n+\xe9\n', 'latin1'))).toBe('+++ b/\\xe9\n+\\xe9\n');
    expect(showBytes(Buffer.from('ä\n'))).toBe('ä\n');
  });

  test('stand on the disk as their bytes', () => {
    expect(onDisk('/top', 'a/ä')).toBe('/top/a/ä');
    expect(onDisk('/top', 'a/\udcff')).toEqual(Buffer.from('/top/a/\xff', 'latin1'));
  });
});
