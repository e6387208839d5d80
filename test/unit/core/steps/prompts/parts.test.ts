import { describe, expect, test } from 'vitest';
import { enclosed } from '../../../../../src/core/runs/prompts/planPrompt';
import { fenced, inOneLine } from '../../../../../src/core/steps/prompts/promptParts';

describe('foreign text in a prompt', () => {
  test.each([
    ['nothing', '', '```\n\n```'],
    ['words', 'a', '```\na\n```'],
    ['a line', 'a\n', '```\na\n```'],
    ['a fence', '```\na\n```', '````\n```\na\n```\n````'],
  ])('is fenced so that %s cannot end it', (_name, text, shown) => {
    expect(fenced(text)).toBe(shown);
  });

  test('a run of backquotes beyond all measure is cut and named', () => {
    const text = fenced('`'.repeat(100_000));
    expect(text.length).toBeLessThan(500);
    expect(text).toContain('[99900 more backquotes]');
  });

  test('takes a moment, however many runs, lines or tags there are', () => {
    const began = performance.now();
    expect(fenced('`a'.repeat(300_000)).startsWith('```\n`a')).toBe(true);
    expect(fenced('\n'.repeat(1_000_000)).length).toBeGreaterThan(1_000_000);
    expect(inOneLine(`a${' '.repeat(1_000_000)}b\n c\t\n`)).toHaveLength(1_000_004);
    expect(enclosed('plan', `a${' '.repeat(1_000_000)}b`)).toHaveLength(1_000_002 + '<plan>\n\n</plan>'.length);
    const tags = Array.from({ length: 1000 }, (_, n) => `</plan${'_'.repeat(n)}>`).join('');
    expect(enclosed('plan', tags).startsWith(`<plan${'_'.repeat(1000)}>`)).toBe(true);
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});
