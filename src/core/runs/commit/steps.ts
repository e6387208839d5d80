import { WeldError } from '../../errors';
import { isUnproven, type StepState } from '../../steps/state/types';

/** The steps that a commit is about, and what the others are. */
export interface CommitSteps {
  /** Selected and not committed yet; these may be in the commit. */
  readonly worked: readonly StepState[];
  /** Those of them that were asked for, or all. */
  readonly chosen: readonly StepState[];
}

/**
 * @param numbers steps that were asked for; left out: all that have been worked on
 * @throws WeldError `STEP_NOT_FOUND`, `NOTHING_TO_COMMIT` for a step that is committed, skipped or was never selected;
 *   `STEP_NOT_PASSED` unless forced
 */
export function commitSteps(
  steps: readonly StepState[],
  numbers: readonly number[] | undefined,
  force: boolean,
): CommitSteps {
  const worked = steps.filter(isWorked);
  for (const n of numbers ?? []) {
    const step = steps.find((one) => one.n === n);
    if (!step) throw new WeldError('STEP_NOT_FOUND', `This run has no step ${n}; choose one of its steps.`);
    if (!isWorked(step))
      throw new WeldError(
        'NOTHING_TO_COMMIT',
        `Step ${n} is ${step.state === 'not-selected' ? 'not started' : step.state}; there is nothing of it to commit.`,
      );
  }
  const chosen = numbers === undefined ? worked : worked.filter((step) => numbers.includes(step.n));
  if (!force) refuseUnpassed(chosen);
  return { worked, chosen };
}

/** Whether a step has been selected and not been committed yet. */
function isWorked(step: StepState): boolean {
  return step.state !== 'not-selected' && step.state !== 'skipped' && step.state !== 'committed';
}

const WORDS: Readonly<Record<string, string>> = {
  selected: 'has not been worked on',
  'in-progress': 'is not finished',
  failed: 'has not passed',
};
const DOUBTED = 'does not count as passed';

function refuseUnpassed(steps: readonly StepState[]): void {
  const open = steps.filter((step) => step.state !== 'passed');
  const [first] = open;
  if (!first) return;
  const doubted = first.state === 'damaged' || isUnproven(first.state);
  const why = doubted ? DOUBTED : (WORDS[first.state] ?? 'has not passed');
  if (doubted && first.why !== null)
    throw new WeldError(
      'STEP_NOT_PASSED',
      `Step ${first.n} ${why}: ${first.why.replace(/\.$/u, '')}, or commit all the same.`,
    );
  throw new WeldError(
    'STEP_NOT_PASSED',
    `Step ${first.n} ${why}${open.length > 1 ? `, and ${open.length - 1} more` : ''}; finish or skip it, or ` +
      'commit all the same.',
  );
}
