import type { RunId } from '../artifacts/ids';
import type { Meta } from '../artifacts/schemas';
import type { Project } from '../project';
import { listSteps } from '../steps/state/read';
import type { StepState } from '../steps/state/types';

/**
 * Whether nothing is left to do in a run: it has a commit, every planned step is committed or skipped, and no step that
 * left the plan still waits for one. Reads the steps only of a run with commits.
 */
export async function isFinished(
  project: Project,
  { id, meta }: { readonly id: RunId; readonly meta: Meta },
): Promise<boolean> {
  if (meta.commits.length === 0) return false;
  const steps = await listSteps(project, id);
  return steps.some((step) => step.line !== null) && steps.every(isOver);
}

/** Whether a step asks for nothing any more. */
function isOver({ state, line }: StepState): boolean {
  return line === null ? state !== 'passed' && state !== 'in-progress' : state === 'committed' || state === 'skipped';
}
