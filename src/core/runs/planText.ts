import { normalisePlan, type Plan } from '../plan';
import { parsedPlan } from './parsed';

export interface PlanText {
  /** As it is kept: plain line ends, out of its fence. */
  readonly text: string;
  readonly plan: Plan;
  /** Sentences for the person, in the order of the lines. */
  readonly warnings: readonly string[];
}

/** An answer or a file as the plan that Weld keeps of it. */
export function readPlanText(markdown: string): PlanText {
  const text = normalisePlan(markdown);
  const plan = parsedPlan(text);
  return { text, plan, warnings: plan.warnings.map((warning) => warning.message) };
}
