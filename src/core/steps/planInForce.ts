import type { RunId } from '../artifacts/runIds';
import { readText } from '../artifacts/store';
import { type Plan, parsePlan } from '../plan';
import type { Project } from '../project';
import { WeldError } from '../util/errors';
import { remembered } from '../util/remembered';

export interface PlanInForce {
  readonly text: string;
  readonly plan: Plan;
  /** Absolute path of the file that contains it. */
  readonly file: string;
  /** True for plan.final.md, false for plan.raw.md, which was only imported. */
  readonly reviewed: boolean;
}

/**
 * plan.final.md if present, else plan.raw.md; null if the run has no plan yet.
 * @throws WeldError `DAMAGED_FILE`
 */
export async function planInForce(project: Project, runId: RunId): Promise<PlanInForce | null> {
  const run = project.paths.run(runId);
  for (const [file, reviewed] of [
    [run.planFinal, true],
    [run.planRaw, false],
  ] as const) {
    const text = await readText(file);
    if (text !== null) return { text, plan: parsedPlan(text), file, reviewed };
  }
  return null;
}

/** @throws WeldError `NO_PLAN` */
export async function needPlan(project: Project, runId: RunId): Promise<PlanInForce> {
  const plan = await planInForce(project, runId);
  if (!plan) throw new WeldError('NO_PLAN', 'This run has no plan yet; import or generate one first.');
  return plan;
}

/** Maximum number of parsed plans kept: one page of runs and a few more. */
const MAX_KEPT_PLANS = 64;

/** Parses the text of a plan. Views read the same plans again and again, so each is parsed once while in use. */
export const parsedPlan = remembered(parsePlan, MAX_KEPT_PLANS);
