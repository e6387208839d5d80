import type { RunId } from '../artifacts/runIds';
import { removeFile } from '../artifacts/store';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { resolveStep } from './resolveStep';
import { EVIDENCE_FILES, fingerprints } from './state/judgeBySeal';
import { listSteps } from './state/read';
import { isUnproven, type StepState } from './state/states';
import { noteCompleted } from './stepStatus';

export interface AcceptRequest {
  readonly run: RunId;
  /** Omitted: every step of the run whose pass does not count. */
  readonly step?: number | undefined;
  /** Why the pass may count; the commit message repeats it. */
  readonly reason: string;
}

/**
 * Records that a person accepts passes that this Weld did not make: those of another machine or of Weld 0.1, and those
 * whose files changed since. The acceptance seals the digests of the files and holds as long as the files match.
 * @returns the numbers of the accepted steps, ascending
 * @throws WeldError `INVALID_ARGUMENT` without a reason, `STEP_NOT_PASSED` if the step has no such pass
 */
export async function acceptPasses(op: Operation, request: AcceptRequest): Promise<{ readonly accepted: number[] }> {
  const reason = request.reason.trim();
  if (reason === '')
    throw new WeldError(
      'INVALID_ARGUMENT',
      'Say why the pass may count; the reason is kept with the run and appears in the commit.',
    );
  const steps = await chosen(op, request.run, request.step);
  if (request.step !== undefined)
    for (const step of steps.filter(({ state }) => !isUnproven(state))) throw nothingToAccept(step);
  const accepted: number[] = [];
  for (const state of steps.filter((each) => isUnproven(each.state))) {
    await accept(op, state, reason);
    accepted.push(state.n);
  }
  return { accepted };
}

async function accept(op: Operation, state: StepState, reason: string): Promise<void> {
  const step = await resolveStep(op.project, state.run, state.n);
  const latest = state.iterations.at(-1);
  if (!latest || step.key !== state.key) throw nothingToAccept(state);
  const found = await fingerprints(step, latest.n);
  const digests = Object.fromEntries(EVIDENCE_FILES.map((name) => [name, found[name] ?? '']));
  await step.seals.accept(op.lock, latest.n, {
    reason,
    at: op.project.now().toISOString(),
    was: latest.state,
    tree: latest.tree,
    digests,
  });
  await noteCompleted(op.lock, step.paths, latest.n, true);
}

/** Withdraws acceptances of one step, or of all steps of a run. A step without an acceptance is not changed. */
export async function unacceptPasses(
  op: Operation,
  request: { readonly run: RunId; readonly step?: number | undefined },
): Promise<void> {
  for (const state of await chosen(op, request.run, request.step)) {
    const step = await resolveStep(op.project, state.run, state.n);
    if (step.key !== state.key) continue;
    const accepted = step.seals.numbers.filter((n) => step.seals.iteration(n)?.accepted);
    for (const n of accepted) await step.seals.unaccept(op.lock, n);
    if (accepted.includes(state.iterations.at(-1)?.n ?? 0)) await removeFile(op.lock, step.paths.completed);
  }
}

async function chosen(op: Operation, run: RunId, n: number | undefined): Promise<readonly StepState[]> {
  const steps = await listSteps(op.project, run);
  if (n === undefined) return steps;
  await resolveStep(op.project, run, n); // its error lists the steps that exist
  return steps.filter((step) => step.n === n);
}

function nothingToAccept({ n, state }: StepState): WeldError {
  const words = state === 'passed' || state === 'committed' ? 'counts already' : 'has not passed anywhere';
  return new WeldError(
    'STEP_NOT_PASSED',
    `Step ${n} ${words}, so there is nothing to accept; refresh the view and choose again.`,
  );
}

/** An acceptance as the commit message shows it. */
export interface Acceptance {
  readonly step: number;
  /** State before the acceptance, such as `passed-elsewhere`. */
  readonly was: string;
  readonly reason: string;
}

/** The acceptances that make these steps count as passed. */
export function acceptancesOf(steps: readonly StepState[]): Acceptance[] {
  return steps.flatMap(({ n, iterations }) => {
    const accepted = iterations.at(-1)?.accepted;
    return accepted ? [{ step: n, was: accepted.was, reason: accepted.reason }] : [];
  });
}
