import { parsePlan } from '../plan/parse';
import type { Plan } from '../plan/types';

/** A whole answer inside one fence, as models often give it. */
const FENCED = /^(?:[^\n]*\n){0,5}?(`{3,}|~{3,})[ \t]*(?:markdown|md)?[ \t]*\n([\s\S]*)\n\1[ \t]*\s*$/iu;

export interface NormalPlan {
  /** Ends with one line feed; no byte order mark, no carriage returns. */
  readonly text: string;
  readonly plan: Plan;
  /** Sentences for the person, in the order of the lines. */
  readonly warnings: readonly string[];
}

/** An answer as the plan that Weld keeps: plain line ends, no enclosing fence, strict headings also where it was a numbered list. */
export function normalisePlan(markdown: string): NormalPlan {
  const plain = markdown.replace(/^\uFEFF/u, '').replace(/\r\n?/gu, '\n');
  const whole = parsePlan(plain);
  const inner = whole.format === 'none' ? FENCED.exec(plain)?.[2] : undefined;
  const unwrapped = inner === undefined ? undefined : parsePlan(inner);
  const [source, read] = inner !== undefined && unwrapped && unwrapped.format !== 'none' ? [inner, unwrapped] : [plain, whole];
  const text = read.format === 'lenient' ? strict(read) : source;
  return { text: `${text.replace(/\s+$/u, '')}\n`, plan: read, warnings: read.warnings.map((warning) => warning.message) };
}

function strict(plan: Plan): string {
  return plan.steps.map((step) => `## Step ${step.n}: ${step.title}\n\n${step.body.trim()}\n`).join('\n');
}
