import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractRevisedPlan, normalisePlan, parsePlan } from '../../../../src/core/plan';
import { size } from '../../../support/deep';
import { longPlan } from './corpus';
import { FRAGMENTS } from './full';

/**
 * Time limit in ms. It is generous, because the machine may be busy: the test looks for a hang, not for a slow second.
 */
const SOON = 30_000;

describe('parsePlan with bad input', () => {
  it.each([
    ['1,000 quotes in one line', `${'>'.repeat(1_000)} deep\n\n${longPlan(2)}`],
    ['1,000 bullets in one line', `${'- '.repeat(1_000)}deep\n\n${longPlan(2)}`],
    [
      '1,000 levels by indentation',
      `${Array.from({ length: 1_000 }, (_, at) => `${'  '.repeat(at)}- x`).join('\n')}\n\n${longPlan(2)}`,
    ],
    ['a line of 10 MB', `${'x'.repeat(10_000_000)}\n\n${longPlan(2)}`],
    ['a line of 10 MB of brackets', `${'['.repeat(10_000_000)}\n\n${longPlan(2)}`],
    ['lone surrogates', `\ud800\n\n${longPlan(2).replace('Title 1', '\udc00 Title')}`],
    ['50,000 comments in an open fence', `${longPlan(2)}\n\`\`\`sh\n${'# x\n'.repeat(50_000)}`],
    ['50,000 lines in an open comment', `${longPlan(2)}\n<!--\n${'## Step 3: x\n'.repeat(50_000)}`],
    [`${size(50_000)} steps with all sections missing`, `${longPlan(2)}${'## Step 3: x\n'.repeat(size(50_000))}`],
    ['20,000 bullets in one list', `${longPlan(2)}\n${'- x\n'.repeat(20_000)}`],
  ])(
    'ends soon: %s',
    (_name, text) => {
      const plan = parsePlan(text);
      expect(plan.steps.map(({ n }) => n).slice(0, 2)).toEqual([1, 2]);
    },
    SOON,
  );

  it(
    `reads ${size(5_000)} steps`,
    () => {
      expect(parsePlan(longPlan(size(5_000))).steps).toHaveLength(size(5_000));
    },
    SOON * 6,
  );

  it(
    'never throws, and every range lies in the text',
    () => {
      const text = fc
        .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary' })), { maxLength: 25 })
        .chain((lines) => fc.constantFrom('\n', '\r\n', '\r').map((end) => lines.join(end)));
      fc.assert(
        fc.property(text, (source) => {
          const plan = parsePlan(source);
          const lines = source.replace(/^\ufeff/u, '').split(/\r\n|\r|\n/u);
          const ranges = [
            ...plan.warnings.map(({ range }) => range),
            ...plan.steps.flatMap((step) => [
              step.heading,
              step.range,
              ...step.sections.flatMap((section) => [
                section.heading,
                section.range,
                ...section.items.map(({ range }) => range),
              ]),
            ]),
          ];
          for (const { start, end } of ranges) {
            expect(start.line < end.line || (start.line === end.line && start.character <= end.character)).toBe(true);
            expect(end.line).toBeLessThan(lines.length);
            expect(start.character).toBeLessThanOrEqual(lines[start.line]?.length ?? 0);
            expect(end.character).toBeLessThanOrEqual(lines[end.line]?.length ?? 0);
          }
          expect(normalisePlan(normalisePlan(source))).toBe(normalisePlan(source));
          extractRevisedPlan(source);
        }),
        { numRuns: 300 },
      );
    },
    SOON * 2,
  );
});
