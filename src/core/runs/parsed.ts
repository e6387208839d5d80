import { type Plan, parsePlan } from '../plan';

/** Views read the same plans again and again: those of a page of runs, and few more. */
const KEPT = 64;
const parsed = new Map<string, Plan>();

/** The plan of a text, parsed once as long as it is in use. */
export function parsedPlan(text: string): Plan {
  const plan = parsed.get(text) ?? parsePlan(text);
  parsed.delete(text);
  parsed.set(text, plan);
  for (const oldest of parsed.keys()) {
    if (parsed.size <= KEPT) break;
    parsed.delete(oldest);
  }
  return plan;
}
