import type { RunId } from '../artifacts/runIds';
import { readText, writeText } from '../artifacts/store';
import { extractRevisedPlan } from '../plan';
import type { Operation, Project } from '../project';
import { readMeta, timesDone, updateMeta } from '../runMeta';
import { needAgent } from '../steps/askAgent';
import { needPlan, planInForce } from '../steps/planInForce';
import { WeldError } from '../util/errors';
import { askInRun, INSTEAD } from './askInRun';
import { keepPlanInForce, type PlanText, readPlanText } from './importPlan';
import { planReviewPromptText } from './prompts/planPrompt';
import { runFacts } from './spec';

/** The result of a plan review. */
export interface ReviewedPlan {
  /** Whether the review contains a complete revised plan. */
  readonly revised: boolean;
  /** Number of steps in the revised plan, or in the plan in force if there is no revised one. */
  readonly steps: number;
}

/**
 * Asks the configured reviewer to review the plan in force.
 * @param args.apply puts a revised plan in force immediately; otherwise `applyReviewedPlan` does so after the person
 *   has compared both plans
 * @throws WeldError `NO_PLAN`, and what `askInRun` throws
 */
export async function planReview(
  op: Operation,
  { runId, apply }: { readonly runId: RunId; readonly apply?: boolean },
): Promise<ReviewedPlan> {
  const { project, lock } = op;
  const run = project.paths.run(runId);
  const meta = await readMeta(project, runId);
  const [current, facts] = await Promise.all([needPlan(project, runId), runFacts(project, runId)]);
  await needAgent(op, 'plan_review', INSTEAD);
  const prompt = planReviewPromptText({ ...facts, plan: current.text });
  await writeText(lock, run.reviewPrompt, prompt);
  const answer = await askInRun(op, {
    run: runId,
    task: 'plan_review',
    prompt,
    attempt: timesDone(meta, 'plan review') + 1,
    what: 'plan review',
  });
  await writeText(lock, run.reviewOutput, answer);
  await updateMeta(op, runId, 'plan review');
  const revised = revisedIn(answer);
  if (revised && apply) await putInForce(op, runId, revised, 'plan review');
  return { revised: revised !== null, steps: (revised ?? current).plan.steps.length };
}

/** Returns the revised plan of the last review, or null if there is none or it equals the plan in force. */
export async function proposedPlan(project: Project, runId: RunId): Promise<PlanText | null> {
  const answer = await readText(project.paths.run(runId).reviewOutput);
  const revised = answer === null ? null : revisedIn(answer);
  return revised && revised.text !== (await planInForce(project, runId))?.text ? revised : null;
}

/**
 * Puts the revised plan of the last review in force, and moves the old plan into the history.
 * @throws WeldError `NO_PLAN`; `NO_STEPS` if the last review contains no new plan
 */
export async function applyReviewedPlan(
  op: Operation,
  { runId }: { readonly runId: RunId },
): Promise<{ readonly steps: number }> {
  await needPlan(op.project, runId);
  const revised = await proposedPlan(op.project, runId);
  if (!revised)
    throw new WeldError(
      'NO_STEPS',
      'The last review of the plan has no revised plan that differs from the current one; nothing was changed.',
    );
  await putInForce(op, runId, revised, 'plan review');
  return { steps: revised.plan.steps.length };
}

async function putInForce(op: Operation, runId: RunId, revised: PlanText, why: string): Promise<void> {
  const meta = await readMeta(op.project, runId);
  const version = await keepPlanInForce(op, runId, meta, why);
  await writeText(op.lock, op.project.paths.run(runId).planFinal, revised.text);
  await updateMeta(op, runId, 'plan apply', () => ({
    plan_version: version,
    plan_parse_warnings: [...revised.warnings],
  }));
}

function revisedIn(review: string): PlanText | null {
  const section = extractRevisedPlan(review);
  if (section === null) return null;
  const revised = readPlanText(section);
  return revised.plan.steps.length > 0 ? revised : null;
}
