import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { expect, test } from 'vitest';
import { markdownText } from '../../../src/core/util/markdownText';
import { size } from '../../support/deep';
import { previewRows, previewTokens } from '../support/markdown';

const PIECES = [
  ...'|\\`*_[]()<>&~$#!@:/+-=.1 \t\n\r\v\f',
  '\0',
  '\u001b[31m',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u200b',
  '\ud800',
  '[x](http://evil.example)',
  '![x](//evil.example/x.png)',
  '[x]: http://evil.example',
  '<script>alert(1)</script>',
  '<img src=x onerror=y>',
  '<http://evil.example>',
  'https://evil.example/a_b*c',
  '//evil.com',
  'www.evil.com',
  'ada@evil.com',
  'mailto:ada@evil.com',
  'ftp://evil.com',
  '&lt;b&gt;',
  '&#124;',
  '```',
  '~~~',
  '---',
  '***',
  '# ',
  '1. ',
  '- ',
  '> ',
  '|---|',
  '$$x$$',
  '<!--',
  '-->',
  'a',
  'Hello',
  'é',
  '漢',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 12 })
  .map((pieces) => pieces.join(''));

/** What a reader is to see: the same letters on one line. */
const seen = (text: string): string => text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
/** A lone half of a surrogate pair is written as U+FFFD. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
const withoutJoiners = (text: string): string => wellFormed(text.replaceAll('\u2060', ''));
const cells = (text: string): string[][] => previewRows(text).map((row) => row.map(withoutJoiners));

const BLOCKS = ['heading_open', 'inline', 'text', 'heading_close'];
const LIST = ['bullet_list_open', 'list_item_open', 'paragraph_open', 'inline', 'text', 'paragraph_close'];

/** Pieces of text that the preview keeps apart count as one. */
const kinds = (text: string): string[] =>
  previewTokens(text).filter((type, at, all) => type !== 'text' || all[at - 1] !== 'text');

test('any text is one cell of a table, and reads as it is', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const table = `| A | B | C |\n|---|---|---|\n| 1 | ${markdownText(text)} | 3 |\n`;
      expect(cells(table)).toEqual([
        ['A', 'B', 'C'],
        ['1', wellFormed(seen(text)), '3'],
      ]);
      expect(kinds(table).filter((kind) => !/^(?:table|thead|tbody|tr|th|td)_|^(?:inline|text)$/u.test(kind))).toEqual(
        [],
      );
    }),
    { numRuns: size(6000) },
  );
});

test('any text is one heading and one item of a list, without markup, links and HTML', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const safe = markdownText(text);
      expect(kinds(`### Step 1: ${safe}\n`)).toEqual(BLOCKS);
      expect(kinds(`- Issue: ${safe}\n`).slice(0, LIST.length)).toEqual(LIST);
      expect(kinds(`- Issue: ${safe}\n`)).toHaveLength(LIST.length + 2);
      const { children } = fromMarkdown(`${safe}\n`);
      expect(children.map(({ type }) => type)).toEqual(safe === '' ? [] : ['paragraph']);
      expect(children.flatMap((node) => ('children' in node ? node.children.map(({ type }) => type) : []))).toEqual(
        safe === '' ? [] : ['text'],
      );
    }),
    { numRuns: size(6000) },
  );
});

test('what services link without markup is cut by an invisible mark', () => {
  expect(markdownText('@ada #12 https://x www.x.example a@b')).toBe(
    '\\@\u2060ada #\u206012 https:/\u2060/x www\u2060.x.example a\\@\u2060b',
  );
});

test('a text without markup stays as it is, and a long one ends', () => {
  expect(markdownText("Greet in the person's language")).toBe("Greet in the person's language");
  expect(markdownText('x'.repeat(50), 10)).toBe(`${'x'.repeat(10)}…`);
  expect(markdownText(`${'x'.repeat(9)}😀😀`, 10)).toBe(`${'x'.repeat(9)}…`);
});
