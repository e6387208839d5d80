import type { RunId } from '../artifacts/runIds';
import { readText } from '../artifacts/store';
import type { Project } from '../project';
import { interruptedWords, isThrough, isUnproven } from '../steps/state/states';
import { plural } from '../util/text';
import { type RunDetails, readRun } from './listRuns';
import { proposedPlan } from './planReview';

/** What a run needs next. `message` tells the person in one sentence. */
export type Next = { readonly message: string } & (
  | { readonly kind: 'done' }
  | { readonly kind: 'research' }
  | { readonly kind: 'plan' /** A plan exists, but its input has changed. */; readonly stale?: true }
  | { readonly kind: 'plan-review' }
  /** The review contains a revised plan, and nobody has decided yet which plan to use. */
  | { readonly kind: 'plan-apply' }
  | { readonly kind: 'step-select'; readonly step: number }
  | { readonly kind: 'step-loop'; readonly step: number; readonly resume: boolean }
  /** The step passed, but the pass does not count. A person accepts it, or the step is worked on again. */
  | { readonly kind: 'step-accept'; readonly step: number }
  | { readonly kind: 'commit'; readonly steps: readonly number[] }
  /** A file of the step cannot be read; `message` names it. */
  | { readonly kind: 'damaged'; readonly step: number }
);

/** Determines what comes next in a run. It changes nothing. @throws what `readRun` throws */
export async function nextStep(project: Project, runId: RunId): Promise<Next> {
  const run = await readRun(project, runId);
  if (run.meta.abandoned) return { kind: 'done', message: 'This run was abandoned.' };
  return (await beforeSteps(project, run)) ?? nextOfSteps(run);
}

async function beforeSteps(project: Project, run: RunDetails): Promise<Next | null> {
  const paths = project.paths.run(run.id);
  const begun = run.steps.some((step) => step.state !== 'not-selected');
  if (!run.plan) {
    const wanted = (await readText(paths.researchPrompt)) !== null && (await readText(paths.researchAnswer)) === null;
    return wanted
      ? { kind: 'research', message: 'The research comes next.' }
      : { kind: 'plan', message: 'The plan comes next.' };
  }
  if (begun) return null; // once work has started, the plan is not reviewed again without a request
  const stalePlan = run.stale.find((one) => one.artifact === 'plan');
  if (stalePlan) return { kind: 'plan', stale: true, message: `${stalePlan.why} A new plan comes next.` };
  if (run.plan.reviewed) return null;
  if ((await readText(paths.reviewOutput)) === null)
    return { kind: 'plan-review', message: 'The review of the plan comes next.' };
  return (await proposedPlan(project, run.id))
    ? { kind: 'plan-apply', message: 'The review has a revised plan; decide which one to use.' }
    : null;
}

function nextOfSteps(run: RunDetails): Next {
  const open = run.steps.find((step) => step.line !== null && !isThrough(step.state));
  if (!open) {
    const passed = run.steps.filter((step) => step.state === 'passed').map((step) => step.n);
    if (passed.length === 0) return { kind: 'done', message: 'All steps done.' };
    const which = `${plural('Step', passed.length)} ${passed.join(', ')}`;
    return { kind: 'commit', steps: passed, message: `${which} passed; the commit comes next.` };
  }
  if (open.state === 'damaged')
    return { kind: 'damaged', step: open.n, message: open.why ?? `A file of step ${open.n} is damaged.` };
  if (isUnproven(open.state))
    return { kind: 'step-accept', step: open.n, message: `Step ${open.n}: ${open.why ?? 'its pass does not count.'}` };
  if (open.state === 'not-selected')
    return { kind: 'step-select', step: open.n, message: `Step ${open.n} comes next: ${open.title}.` };
  const resume = open.state === 'in-progress';
  return {
    kind: 'step-loop',
    step: open.n,
    resume,
    message: resume
      ? `Step ${open.n} was ${interruptedWords(open.iterations.at(-1))}.`
      : `Step ${open.n} needs more work: ${open.title}.`,
  };
}
