import { type ConditionWaiver, type Issue, IssuesFileSchema, StatusSchema } from '../../artifacts/schemas';
import { readRecord, readText } from '../../artifacts/store';
import { patchByFile } from '../../git/texts';
import type { Project } from '../../project';
import type { IterationState, StepState } from '../../steps/state/states';

/** `undone`: an earlier iteration of the step had changed the file, and now it is as before the step. */
export type Change = 'added' | 'modified' | 'deleted' | 'undone';

/** One iteration, with what its small files say. */
export interface ReportedIteration {
  readonly state: IterationState;
  /** The files that the iteration changed, with git's escapes; null if its patch cannot be read. */
  readonly changed: readonly { readonly path: string; readonly how: Change }[] | null;
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly flaky: boolean }[];
  readonly issues: readonly Issue[];
  readonly waivedConditions: readonly ConditionWaiver[];
}

export interface ReportedStep {
  readonly step: StepState;
  readonly iterations: readonly ReportedIteration[];
  /** Why the step was skipped, possibly empty; null if it was not. */
  readonly skipped: string | null;
}

/** Reads what a report says about a step. Files that cannot be read are left out. */
export async function reportedStep(project: Project, step: StepState): Promise<ReportedStep> {
  const iterations: ReportedIteration[] = [];
  let before: Patch = new Map();
  for (const state of step.iterations) {
    const { patch, ...iteration } = await reportedIteration(project, step, state, before);
    iterations.push(iteration);
    before = patch ?? before;
  }
  const mark = await readText(project.paths.run(step.run).step(step.key).skipped).catch(() => null);
  // The first line is the time.
  const skipped = mark === null || step.state !== 'skipped' ? null : mark.split('\n').slice(1).join(' ').trim();
  return { step, iterations, skipped };
}

async function reportedIteration(
  project: Project,
  step: StepState,
  state: IterationState,
  before: Patch,
): Promise<ReportedIteration & { readonly patch: Patch | null }> {
  const paths = project.paths.run(step.run).step(step.key).iteration(state.n);
  const [status, issues, patch] = await Promise.all([
    readRecord(paths.status, StatusSchema).catch(() => null),
    readRecord(paths.issues, IssuesFileSchema).catch(() => null),
    readText(paths.diff).then(
      (text) => (text === null ? null : patchByFile(text)),
      () => null,
    ),
  ]);
  const results = Object.entries(status?.checks_summary?.categories ?? {});
  return {
    state,
    patch,
    changed: patch && changes(before, patch),
    checks: results.map(([name, { passed, flaky }]) => ({ name, passed, flaky: flaky === true })),
    issues: issues?.issues ?? [],
    waivedConditions: issues?.waived_conditions ?? [],
  };
}

/** A patch of a whole step, by file. The trees of iterations are not kept after a commit, their patches are. */
type Patch = ReadonlyMap<string, string>;

/** What changed between two patches from the same tree. */
function changes(before: Patch, now: Patch): { path: string; how: Change }[] {
  const all = [...new Set([...now.keys(), ...before.keys()])].sort();
  return all
    .filter((path) => before.get(path) !== now.get(path))
    .map((path) => ({ path, how: howChanged(before.has(path), now.get(path)) }));
}

function howChanged(known: boolean, part: string | undefined): Change {
  if (part === undefined) return 'undone';
  const mode = part.split('\n', 2)[1] ?? '';
  if (mode.startsWith('deleted file mode')) return 'deleted';
  return mode.startsWith('new file mode') && !known ? 'added' : 'modified';
}
