import { ignoresCase, isWeldPath } from '../../artifacts/inside';
import type { RunId } from '../../artifacts/runIds';
import { baseRef, type MergedOnto, type NotAsReviewed, type Oid, type PassedTrees } from '../../git/git';
import { showName } from '../../git/names';
import type { Operation, Project } from '../../project';
import type { StepState } from '../../steps/state/states';
import { WeldError } from '../../util/errors';
import { listed } from '../../util/text';

/** The trees of a step that were checked and reviewed. */
export interface ReviewedStep extends PassedTrees {
  readonly n: number;
  /** Time of the iteration's last update, in ISO 8601; empty if unknown. */
  readonly at: string;
}

/** Returns the reviewed trees in the order in which the steps passed. Steps without trees in git are left out. */
export async function reviewedSteps(
  project: Project,
  runId: RunId,
  steps: readonly StepState[],
): Promise<ReviewedStep[]> {
  const found = await Promise.all(
    steps.map(async (step): Promise<ReviewedStep[]> => {
      const iteration = step.iterations.findLast(
        (one) => one.tree !== null && (step.state !== 'passed' || one.state === 'passed'),
      );
      const base = await project.git.readRef(baseRef(runId, step.key));
      return iteration?.tree && base !== null
        ? [{ n: step.n, base, tree: iteration.tree, at: iteration.updatedAt ?? '' }]
        : [];
    }),
  );
  return found.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.n - b.n));
}

/**
 * Asks the person whether to commit content that differs from what was reviewed.
 * @param what a sentence that describes the difference
 * @returns false to cancel the commit
 */
export type Confirm = (what: string) => Promise<boolean>;

/**
 * Merges the reviewed changes of the chosen steps onto HEAD; this is what the commit of passed steps contains.
 * @throws WeldError `NOT_AS_REVIEWED` if a file would not be committed as reviewed, unless forced or confirmed;
 *   `NOTHING_TO_COMMIT` if no steps were chosen; `CANCELLED` if the person declines
 */
export async function whatPassed(
  op: Operation,
  head: Oid | null,
  chosen: readonly StepState[],
  reviewed: readonly ReviewedStep[],
  how: { readonly force: boolean; readonly confirm?: Confirm },
): Promise<MergedOnto> {
  if (chosen.length === 0)
    throw new WeldError(
      'NOTHING_TO_COMMIT',
      'No step has passed that is not committed yet; run a step first, or commit what is staged or all changes.',
    );
  const without = chosen.filter((step) => step.state === 'passed' && reviewed.every((one) => one.n !== step.n));
  const [first] = without;
  if (first)
    throw new WeldError(
      'NOT_AS_REVIEWED',
      `What passed in step ${first.n} is not in this repository's git, so it cannot be compared; ` +
        'commit what is staged, all changes or chosen ' +
        'files instead.',
    );
  const { entries, notAsReviewed } = await op.project.git.mergeSteps(op.lock, head, reviewed);
  const [one] = notAsReviewed;
  if (one && !how.force) {
    const what = differsFromReview(notAsReviewed);
    if (!how.confirm)
      throw new WeldError('NOT_AS_REVIEWED', `${what} Correct the file and review it again, or commit anyway.`);
    if (!(await how.confirm(what))) throw new WeldError('CANCELLED', 'Cancelled; nothing was committed.');
  }
  return { onto: head, entries };
}

function differsFromReview(files: readonly NotAsReviewed[]): string {
  const overlaps = files.filter((file) => file.why === 'overlaps').map((file) => file.path);
  const merged = files.filter((file) => file.why === 'merged').map((file) => file.path);
  return [
    ...(overlaps.length > 0
      ? [
          `${shownPaths(overlaps)} changed in the last commit where the step changed it too, and what passed ` +
            'would replace that.',
        ]
      : []),
    ...(merged.length > 0
      ? [
          `${shownPaths(merged)} would be committed with content that was not reviewed, because the last ` +
            'commit changed it too.',
        ]
      : []),
  ].join(' ');
}

/** Formats paths for a sentence. */
export function shownPaths(paths: readonly string[]): string {
  return listed(paths.map(showName), 3);
}

/**
 * Lists the files in which a tree differs from the newest reviewed tree, without Weld's own files. The list is empty if
 * nothing was reviewed.
 */
export async function differsFrom(project: Project, tree: Oid, reviewed: readonly ReviewedStep[]): Promise<string[]> {
  const newest = reviewed.at(-1);
  if (!newest) return [];
  const ignoreCase = ignoresCase(project.top);
  return (await project.git.changedFiles(newest.tree, tree))
    .map((file) => file.path)
    .filter((path) => !isWeldPath(path, ignoreCase));
}
