import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRunId, isStepKey, newRunId, parseRunId, slugify, stepKey } from '../../../../src/core/artifacts/runIds';

describe('slugs', () => {
  test.each([
    ['Add a login page', 'add-a-login-page'],
    ['  --Weird__ chars!! ', 'weird-chars'],
    ['Überprüfung der Straße', 'überprüfung-der-straße'],
    ['添加登录页面', '添加登录页面'],
    ['Добавить вход', 'добавить-вход'],
    ['🎉🎉', 'untitled'],
    ['', 'untitled'],
    ['../../x', 'x'],
  ])('%j becomes %j', (title, slug) => {
    expect(slugify(title, 50)).toBe(slug);
  });

  test('are cut by characters, not in the midst of one, and end in no dash', () => {
    expect(slugify(`${'a'.repeat(29)} bcd`, 30)).toBe('a'.repeat(29));
    expect([...slugify('𠮷'.repeat(60), 30)]).toHaveLength(30);
  });

  test('any title gives a run id and a step key that are one safe path segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 0, max: 5000 }), (title, n) => {
        const id = newRunId(new Date(2026, 0, 5, 12, 0, 0), title);
        const key = stepKey(n, slugify(title, 30));
        expect(isRunId(id)).toBe(true);
        expect(isStepKey(key)).toBe(true);
        for (const name of [id, key]) {
          expect(name).not.toMatch(/[/\\\0]/u);
          expect(name.startsWith('.')).toBe(false);
          expect(Buffer.byteLength(name)).toBeLessThan(256);
        }
      }),
    );
  });
});

describe('run ids', () => {
  test('name the local time', () => {
    expect(newRunId(new Date(2026, 0, 5, 9, 3, 7), 'Add login')).toBe('20260105-090307-add-login');
  });

  test.each([
    '../../x',
    '',
    '.',
    '..',
    '20260105-120000-',
    '20260105-120000-a/b',
    '20260105-120000-a\\b',
    '20260105-120000-../x',
    `20260105-120000-${'a'.repeat(200)}`,
    '20260105-120000-a\n',
    'C:20260105-120000-a',
  ])('refuses %j', (text) => {
    expect(() => parseRunId(text)).toThrow(expect.objectContaining({ code: 'INVALID_RUN_ID' }) as Error);
  });
});
