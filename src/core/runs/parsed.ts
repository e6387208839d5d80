import { parsePlan, type Plan } from '../plan';

/** Views read the same plan again and again; more than this many different ones are rarely open. */
const KEPT = 8;
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
