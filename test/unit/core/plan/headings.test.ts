import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalisePlan, parsePlan } from '../../../../src/core/plan';
import { FRAGMENTS } from './full';
import { MEANT } from './meant';

const heads = (text: string): unknown => parsePlan(text).steps.map(({ n, title }) => `${n} ${title}`);
const codes = (text: string): readonly string[] =>
  parsePlan(text)
    .warnings.map(({ code, range }) => `${range.start.line + 1} ${code}`)
    .filter((code) => !code.includes('missing'));

describe('the phases of a plan', () => {
  const plan =
    '## Phase 1: Base [COMPLETE]\n\n### Step 1: A [COMPLETE]\n\n### Step 2: B\n\n## Phase 2: ' +
    'More\n\nwords\n\n### Step 1: C\n\n## Notes\n\nx\n';

  it('count their steps through and label them', () => {
    expect(parsePlan(plan).steps.map(({ n, title, phase, mark }) => [n, title, phase, mark])).toEqual([
      [1, 'A', 'Phase 1: Base', 'COMPLETE'],
      [2, 'B', 'Phase 1: Base', undefined],
      [3, 'C', 'Phase 2: More', undefined],
    ]);
    expect(codes(plan)).toEqual(['3 marked-done', '11 renumbered']);
  });

  it('end the step before them', () => {
    expect(parsePlan(plan).steps.map(({ range }) => range.end.line)).toEqual([2, 4, 10]);
  });

  it('are kept as they were written', () => {
    expect(normalisePlan(plan)).toBe(plan);
  });
});

describe('a state in a heading', () => {
  it.each([
    ['A [COMPLETE]', 'A', 'COMPLETE'],
    ['✅ A', 'A', '✅'],
    ['A (done)', 'A', 'done'],
    ['A — DONE', 'A', 'DONE'],
    ['[x] A', 'A', 'x'],
    ['[ ] A', 'A', undefined],
    ['A [TODO] ✅', 'A', '✅'],
    ['Read array[x]', 'Read array[x]', undefined],
    ['Call f(done)', 'Call f(done)', undefined],
    ['Say "done"', 'Say "done"', undefined],
    ['Add [link](x)', 'Add [link](x)', undefined],
    ['Done', 'Done', undefined],
  ])('%s', (said, title, mark) => {
    expect(parsePlan(`## Step 1: ${said}\n`).steps[0]).toMatchObject({ title });
    expect(parsePlan(`## Step 1: ${said}\n`).steps[0]?.mark).toBe(mark);
  });
});

describe('a heading that is meant as a step', () => {
  it.each(MEANT)('is read: %j and %j', (first, second) => {
    const text = `${first}\n\n### Goal\n\nx\n\n${second}\n\n### Goal\n\ny\n`;
    expect(heads(text)).toEqual(['1 First', '2 Second']);
    expect(codes(text).filter((code) => code.endsWith('lenient-step')).length).toBe(2);
    expect(parsePlan(text).steps.map(({ sections }) => sections.length)).toEqual([1, 1]);
  });

  it.each(MEANT)('is read or named beside a strict one: %j and %j', (_first, second) => {
    const text = `## Step 1: First\n\n### Goal\n\nx\n\n${second}\n\n### Goal\n\ny\n`;
    const plan = parsePlan(text);
    expect(plan.steps[0]).toMatchObject({ n: 1, title: 'First' });
    expect(
      plan.warnings.filter(({ code, range }) => range.start.line === 6 && /lenient-step|almost-a-step/u.test(code)),
    ).toHaveLength(1);
    expect(plan.steps.length === 2 ? plan.steps[1] : { n: 2, title: 'Second' }).toMatchObject({
      n: 2,
      title: 'Second',
    });
  });

  it.each([
    '## Step-by-step guide',
    '## Steps',
    '## Stepping stones 1',
    '## Tasks',
    '## Taskforce 1: x',
    '## Part of it',
    '## One-off',
    '## 2024 in review',
    '## Phase',
  ])('and none that only looks so: %s', (heading) => {
    const plan = parsePlan(`## Step 1: First\n\n### Goal\n\nx\n\n${heading}\n\ny\n`);
    expect(plan.steps).toHaveLength(1);
    expect(plan.warnings.filter(({ range }) => range.start.line === 6)).toEqual([]);
  });
});

describe('a list that counts in boxes', () => {
  it.each(['# Search', '## What to do'])('is read as steps under %s, by its own numbers', (heading) => {
    expect(heads(`${heading}\n\n- [ ] 3. Third\n- [x] 4. Fourth\n`)).toEqual(['3 Third', '4 Fourth']);
  });
});

describe('odd spaces and wide marks', () => {
  const spaces = ['\u00a0', '\u202f', '\u3000', '\u200b', '\ufeff', '\u2009', '\u2060'];

  it.each(spaces)('are read in headings, sections and checkboxes: %j', (space) => {
    const text =
      `##${space}Step${space}1:${space}First\n\n###${space}Acceptance${space}criteria\n\n` +
      `-${space}[${space}]${space}one\n-${space}[x]${space}two\n\n${space}## Step 2${space}: Second\n`;
    expect(heads(text.replace('Step\u200b', 'Step \u200b'))).toEqual(['1 First', '2 Second']);
    expect(parsePlan(text).steps[0]?.acceptanceCriteria.map(({ text: words }) => words)).toEqual(['one', 'two']);
  });

  it('are kept in what a step says', () => {
    expect(parsePlan('##\u00a0Step １：Ｗide\n\nKeep\u00a0this １２\u3000too.\n').steps[0]).toMatchObject({
      n: 1,
      title: 'Ｗide',
      body: 'Keep\u00a0this １２\u3000too.',
    });
  });

  it('are read anew when one becomes a plain space', async () => {
    const { PlanParser } = await import('../../../../src/core/plan');
    const parser = new PlanParser();
    const odd = parser.parse('## Step 1: A\n\na\u00a0b\n\n##\u00a0Step 2: B\n');
    expect(odd).toEqual(parsePlan('## Step 1: A\n\na\u00a0b\n\n##\u00a0Step 2: B\n'));
    expect(parser.parse('## Step 1: A\n\na b\n\n## Step 2: B\n')).toEqual(
      parsePlan('## Step 1: A\n\na b\n\n## Step 2: B\n'),
    );
  });
});

describe('what looks like a step', () => {
  const LOOKS = [
    '## Step 1: A',
    '## Step 2: B',
    '### Step 3: C',
    '# Step 4: D',
    '## Task 5: E',
    '**Step 6: F**',
    '##Step 7: G',
    '    ## Step 8: H',
    '## Phase 1: P',
    '<details>',
    '> ## Step 9: I',
    '- ## Step 10: J',
    'Step 11: K\n---',
    '##\u00a0Step 12: L',
  ];
  const calm = FRAGMENTS.filter((line) => !/[`~]{3}|<!|<\?|<script|CDATA|\?>|-->|\]\]>|^ {4}code|#/u.test(line));

  it('is a step, prose of one, or named at its place', () => {
    const text = fc
      .array(fc.oneof(fc.constantFrom(...LOOKS), fc.constantFrom(...calm)), { maxLength: 14 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, (source) => {
        const plan = parsePlan(source);
        for (const [at, line] of source.split('\n').entries()) {
          if (!/^[\s>*#-]*step[\s\u00a0]*\d|^#+\s*task \d/iu.test(line)) continue;
          const step = plan.steps.some(({ range }) => range.start.line <= at && at <= range.end.line);
          const named = plan.warnings.some(({ range }) => range.start.line === at);
          expect(step || named, `${JSON.stringify(line)} in ${JSON.stringify(source)}`).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
