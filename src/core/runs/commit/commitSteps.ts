import * as path from 'node:path';
import { ignoresCase, isWeldPath, relativeInside } from '../../artifacts/inside';
import type { RunId } from '../../artifacts/runIds';
import { baseRef, iterationRef, type Oid } from '../../git/git';
import type { Project } from '../../project';
import { isUnproven, type StepState } from '../../steps/state/states';
import { WeldError } from '../../util/errors';

/** The steps that a commit may contain. */
export interface CommitSteps {
  /** Selected and not committed yet. */
  readonly worked: readonly StepState[];
  /** Those of `worked` that the caller requested, or all of them. */
  readonly chosen: readonly StepState[];
}

/**
 * Selects the steps to commit.
 * @param numbers the requested steps; default: all steps that have been worked on
 * @throws WeldError `STEP_NOT_FOUND`; `NOTHING_TO_COMMIT` for a step that is committed, skipped or was never selected;
 *   `STEP_NOT_PASSED` unless `force` is set
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
        `Step ${n} is ${step.state === 'not-selected' ? 'not started' : step.state}; it has nothing to commit.`,
      );
  }
  const chosen = numbers === undefined ? worked : worked.filter((step) => numbers.includes(step.n));
  if (!force) refuseUnpassed(chosen);
  return { worked, chosen };
}

/** Whether a step has been selected, and neither committed nor skipped. */
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
      `Step ${first.n} ${why}: ${first.why.replace(/\.$/u, '')}, or commit anyway.`,
    );
  throw new WeldError(
    'STEP_NOT_PASSED',
    `Step ${first.n} ${why}${open.length > 1 ? `, and ${open.length - 1} more` : ''}; finish or skip it, or ` +
      'commit anyway.',
  );
}

/** A step that has changes in a commit. */
export interface Included {
  readonly step: StepState;
  /** False while some of the step's changes are not committed yet. */
  readonly whole: boolean;
}

/** Determines which steps have changes in a commit. @param trees the trees before and after the commit */
export async function includedSteps(
  project: Project,
  runId: RunId,
  steps: readonly StepState[],
  trees: { readonly before: Oid; readonly after: Oid },
): Promise<Included[]> {
  const { git } = project;
  const names = async (from: Oid, to: Oid): Promise<Set<string>> =>
    new Set((await git.changedFiles(from, to)).map((file) => file.path));
  const [committed, open] = await Promise.all([names(trees.before, trees.after), git.changes()]);
  const stillOpen = new Set(open.map((change) => change.path));
  const found: Included[] = [];
  for (const step of steps) {
    const [base, last] = await Promise.all([
      git.readRef(baseRef(runId, step.key)),
      git.readRef(iterationRef(runId, step.key, step.iterations.at(-1)?.n ?? 0)),
    ]);
    if (base === null && step.iterations.length > 0) {
      found.push({ step, whole: true }); // a run of the command-line version of Weld has no trees
      continue;
    }
    if (base === null || last === null) continue; // selected, but nothing has been captured yet
    const [own, differs] = [await names(base, last), await names(last, trees.after)];
    if (![...own].some((file) => committed.has(file))) continue;
    // A later step may have changed the file again. What counts is whether this step's content was committed.
    found.push({ step, whole: ![...own].some((file) => stillOpen.has(file) && differs.has(file)) });
  }
  return found;
}

/**
 * Converts chosen files to git's form: relative to the repository's top, with forward slashes.
 * @throws WeldError `INVALID_ARGUMENT`, `OUTSIDE_REPOSITORY`
 */
export function chosenFiles(top: string, files: readonly string[]): readonly string[] {
  if (files.length === 0) throw new WeldError('INVALID_ARGUMENT', 'No file was chosen to commit; choose at least one.');
  return files.map((file) => {
    const absolute = path.resolve(top, file);
    const inside = file.includes('\0') ? null : relativeInside(top, absolute);
    if (inside === null || inside === '')
      throw new WeldError(
        'OUTSIDE_REPOSITORY',
        `"${file.slice(0, 120)}" is not a file of this repository; choose another.`,
      );
    const relative = inside.split(path.sep).join('/');
    if (isWeldPath(relative, ignoresCase(top)))
      throw new WeldError(
        'INVALID_ARGUMENT',
        `"${relative}" belongs to Weld and is not part of its commits; commit it with git.`,
      );
    return relative;
  });
}
