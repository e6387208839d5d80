import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../../src/core/plan';
import { BlockReader, joinLists, joinPieces } from '../../../../src/core/plan/blocks';
import { readBlocks } from '../../../../src/core/plan/markdown';
import { toLf } from '../../../../src/core/plan/planText';
import { corpus, corpusDir } from './corpus';
import { comparable } from './full';

const expectedFile = path.join(corpusDir, 'expected.json');

/** A plan in a form that a person can read. */
function summary(text: string): unknown {
  const plan = parsePlan(text);
  return {
    format: plan.format,
    steps: plan.steps.map((step) => ({
      line: step.heading.start.line + 1,
      to: step.range.end.line + 1,
      n: step.n,
      title: step.title,
      phase: step.phase,
      mark: step.mark,
      sections: step.sections.map(({ name, heading, items }) => `${heading.start.line + 1} ${name}: ${items.length}`),
      criteria: step.acceptanceCriteria.map(({ text: words, range }) =>
        `${range.start.line + 1}:${range.start.character} ${words}`.slice(0, 100),
      ),
      tests: step.tests.map(({ text: words }) => words.slice(0, 100)),
    })),
    warnings: plan.warnings.map(({ code, range }) => `${range.start.line + 1}:${range.start.character} ${code}`),
  };
}

describe('the corpus of plans', () => {
  const plans = corpus();
  const kept = [...plans].filter(([name]) => !name.startsWith('90'));
  if (process.env['UPDATE_PLANS'] !== undefined)
    fs.writeFileSync(
      expectedFile,
      `${JSON.stringify(Object.fromEntries(kept.map(([name, text]) => [name, summary(text)])), null, 1)}\n`,
    );
  const expected = JSON.parse(fs.readFileSync(expectedFile, 'utf8')) as Record<string, unknown>;

  it('has at least sixty', () => {
    expect(plans.size).toBeGreaterThanOrEqual(60);
  });

  it.each(kept)('%s is read as expected', (name, text) => {
    expect(summary(text)).toEqual(expected[name]);
  });

  it.each(kept.filter(([name]) => !/long-line|deep/u.test(name)))('%s has the blocks of the library', (_name, text) => {
    const lf = toLf(text);
    expect(comparable(joinPieces(new BlockReader().read(lf.split('\n'))))).toEqual(
      comparable(joinLists(readBlocks(lf))),
    );
  });

  it.each(kept)('%s reads the same by ranges as by texts', (_name, text) => {
    const lines = toLf(text).split('\n');
    for (const step of parsePlan(text).steps) {
      for (const item of [...step.acceptanceCriteria, ...step.tests]) {
        const { start, end } = item.range;
        const own = lines
          .slice(start.line, end.line + 1)
          .map((line, at) =>
            line.slice(at === 0 ? start.character : 0, start.line + at === end.line ? end.character : undefined).trim(),
          )
          .join(' ')
          .trim();
        expect(own).toBe(item.text);
      }
    }
  });

  it('reads ten thousand lines', () => {
    const plan = parsePlan(plans.get('90-ten-thousand-lines.md') ?? '');
    expect(plan).toMatchObject({ format: 'strict', warnings: [] });
    expect(plan.steps).toHaveLength(500);
    expect(plan.steps[499]).toMatchObject({ n: 500, title: 'Title 500' });
  });
});
