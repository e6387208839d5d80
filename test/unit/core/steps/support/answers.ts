import { type Answer, verdict } from '../../../../support/recordings';

export const BLOCKER = { severity: 'blocker', file: 'src/add.mjs', hint: 'Texts are added as texts.', maps_to: '2' };

const edit = (content: string): NonNullable<Answer['edits']> => [{ path: 'src/add.mjs', content }];

/** Implements, fails the review, fixes, passes: two iterations, ten phases. */
export const TWO_ITERATIONS: readonly Answer[] = [
  {
    task: 'implementation',
    step: 1,
    attempt: 1,
    answer: 'Added.',
    edits: edit('export const add = (a, b) => a + b;\n'),
  },
  { task: 'implementation_review', step: 1, attempt: 1, answer: verdict(false, [BLOCKER]) },
  {
    task: 'fix_generation',
    step: 1,
    attempt: 1,
    answer: 'Fixed.',
    edits: edit('export const add = (a, b) => Number(a) + Number(b);\n'),
  },
  { task: 'implementation_review', step: 1, attempt: 2, answer: verdict(true) },
];

export const ONE_ITERATION: readonly Answer[] = [
  TWO_ITERATIONS[0]!,
  { task: 'implementation_review', step: 1, attempt: 1, answer: verdict(true) },
];
