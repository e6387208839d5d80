import type { RunId } from '../../artifacts/ids';
import { baseRef, iterationRef, type Oid } from '../../git/types';
import type { Project } from '../../project';
import type { StepState } from '../../steps/state/types';

export interface Included {
  readonly step: StepState;
  /** False while something that the step changed is not committed yet. */
  readonly whole: boolean;
}

/** Which steps a commit holds changes of. @param trees before and after the commit */
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
      found.push({ step, whole: true }); // a run of the command-line Weld keeps no trees
      continue;
    }
    if (base === null || last === null) continue; // selected, and nothing of it captured yet
    const [own, differs] = [await names(base, last), await names(last, trees.after)];
    if (![...own].some((file) => committed.has(file))) continue;
    // A later step may have changed the file further: what counts is whether this step's content got in.
    found.push({ step, whole: ![...own].some((file) => stillOpen.has(file) && differs.has(file)) });
  }
  return found;
}
