import { describe, expect, it, vi } from 'vitest';
import { extractRevisedPlan, normalisePlan, PlanParser, parsePlan } from '../../../../src/core/plan';
import { size } from '../../../support/deep';
import { corpus } from './corpus';

const fence = '```';

describe('normalisePlan', () => {
  it('takes off the mark, makes line ends \\n and ends with one', () => {
    expect(normalisePlan('\ufeff\r\n\r\n## Step 1: A\r\n\r\ntext\r\n\r\n\r\n')).toBe('## Step 1: A\n\ntext\n');
  });

  it.each([
    ['19-whole-plan-in-fence.md', [1, 2]],
    ['20-four-mark-fence.md', [1]],
    ['83-model-fenced-answer.md', [1, 2]],
  ])('takes the plan of %s out of its fence, prose around it stays', (name, numbers) => {
    const text = corpus().get(name) ?? '';
    const plan = parsePlan(normalisePlan(text));
    expect(plan.format).toBe('strict');
    expect(plan.steps.map(({ n }) => n)).toEqual(numbers);
    expect(normalisePlan(text).split('\n', 1)).toEqual(name.startsWith('20') ? ['## Step 1: A'] : text.split('\n', 1));
  });

  it('leaves its result parsed, so that an import reads a plan once', () => {
    const parse = vi.spyOn(PlanParser.prototype, 'parse');
    expect(parsePlan(normalisePlan('\n\n## Step 1: Once\r\n\r\ntext\n\n\n')).steps).toHaveLength(1);
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
  });

  it('takes a plan out of a fence that says it is text, and begins with prose', () => {
    expect(normalisePlan(`${fence}text\nHere it is:\n## Step 1: A\n${fence}\n`)).toBe('Here it is:\n## Step 1: A\n');
  });

  it(`reads each of ${size(20_000)} fences once`, () => {
    const text = `${`${fence}sh\nx\n${fence}\n`.repeat(size(20_000))}${fence}markdown\n## Step 1: A\n${fence}\n`;
    expect(parsePlan(normalisePlan(text)).steps).toHaveLength(1);
  }, 60_000);

  it('leaves an example in a fence where it is', () => {
    const text = corpus().get('18-fenced-headings.md') ?? '';
    expect(normalisePlan(text)).toBe(`${text.trimEnd()}\n`);
  });
});

describe('extractRevisedPlan', () => {
  it('ends at the next heading of the same or a higher level that is no step', () => {
    expect(
      extractRevisedPlan(
        '# Review\n\n## Revised Plan\n\n## Step 1: A\n\n### Goal\n\nx\n\n## Step 2: B\n\n## Notes\n\ny',
      ),
    ).toBe('## Step 1: A\n\n### Goal\n\nx\n\n## Step 2: B\n');
    expect(extractRevisedPlan('### Revised plan:\n\n## Step 1: A\n\n#### Goal\n\nx\n\n### Notes\n')).toBe(
      '## Step 1: A\n\n#### Goal\n\nx\n',
    );
    expect(extractRevisedPlan('# Revised Plan\n\n## Step 1: A\n\n## Rationale\n\nz\n\n# End\n')).toBe(
      '## Step 1: A\n\n## Rationale\n\nz\n',
    );
  });

  it('does not end inside code', () => {
    expect(
      extractRevisedPlan(`## Revised Plan\n\n## Step 1: A\n\n${fence}sh\n## Notes\n${fence}\n\nlast\n\n## Notes\n`),
    ).toContain('last');
  });

  it.each([
    [
      'a fence around the whole',
      `## Revised Plan\n\n${fence}markdown\n## Step 1: A\n\n## Step 2: B\n${fence}\n\n## Notes\n`,
    ],
    [
      'fences in the fence',
      `## Revised Plan\n\n${fence}markdown\n## Step 1: A\n\n${fence}bash\nx\n${fence}\n\n## Step 2: ` +
        `B\n\n${fence}bash\ny\n${fence}\n${fence}\n\n## Notes\n`,
    ],
    [
      'a fence of four marks',
      `## Revised Plan\n\n${fence}\`md\n## Step 1: A\n${fence}\nx\n${fence}\n## Step 2: B\n${fence}\`\n\n## Notes\n`,
    ],
    [
      'an announcement before the title',
      `**Revised plan below.**\n\nTwo things changed:\n\n1. X\n2. Y\n\n## Revised Plan\n\n## Step 1: A\n\n## ` +
        `Step 2: B\n\n## Notes\n`,
    ],
    [
      'an announcement before a fence',
      `## Revised plan follows\n\n## Revised Plan\n\n${fence}markdown\n## Step 1: A\n\n## Step 2: ` +
        `B\n${fence}\n\n## Notes\n`,
    ],
    ['a list before the notes on it', `## Revised Plan\n\n1. A\n2. B\n\n## Revised plan: Notes\n`],
    ['a title of its own', '## Revised Plan\n\n# Plan\n\n## Step 1: A\n\n## Step 2: B\n\n## Notes\n'],
    [
      'a title and what leads to the steps',
      '## Revised Plan\n\n# Implementation Plan: Search\n\n## Overview\n\nx\n\n## Step 1: A\n\n## Step 2: ' +
        'B\n\n# Notes\n',
    ],
    ['phases', '## Revised Plan\n\n## Phase 1: X\n\n### Step 1: A\n\n## Phase 2: Y\n\n### Step 1: B\n\n## Notes\n'],
    ['tasks', '## Revised Plan\n\n## Task 1: A\n\n## Task 2: B\n\n## Notes\n'],
    ['numbered headings', '## Revised Plan\n\n## 1. A\n\n## 2. B\n\n## Notes\n'],
    [
      'a numbered part of the review',
      '## 1. Findings\n\nx\n\n## 2. Revised Plan\n\n## Step 1: A\n\n## Step 2: B\n\n## 3. Notes\n',
    ],
    ['odd spaces', '##\u00a0Revised Plan\n\n##\u00a0Step 1: A\n\n##\u00a0Step\u00a02: B\n\n##\u00a0Notes\n'],
    [
      'a title under a lower heading',
      '### ✏️ Updated Implementation Plan\n\n# Plan\n\n## Step 1: A\n\n## Step 2: B\n\n### Notes\n',
    ],
    ['a bold title', `**Revised Plan**\n\n## Step 1: A\n\n## Step 2: B\n\n## Notes\n`],
  ])('finds the plan in %s', (_name, review) => {
    const revised = extractRevisedPlan(review) ?? '';
    expect(parsePlan(revised).steps.map(({ title }) => title)).toEqual(['A', 'B']);
    expect(revised).not.toContain('Notes');
  });

  it('takes no plan that stands behind it for its own', () => {
    for (const none of ['No changes.\n\n## Appendix\n', '## Notes\n\nx\n\n## The plan as it was\n'])
      expect(parsePlan(extractRevisedPlan(`## Revised Plan\n\n${none}\n## Step 1: A\n`) ?? '').steps).toEqual([]);
  });

  it('says when there is none', () => {
    expect(extractRevisedPlan('# Review\n\nThe revised plan is fine.\n')).toBeNull();
  });
});
