import { insideFence } from './fences';
import { parsePlan } from './parse';
import { isBlank, toLf } from './text';
import type { Plan } from './types';

/**
 * What becomes `plan.raw.md`: no byte-order mark, `\n` line ends, one line end at the end, no blank lines before the
 * first word.
 * A plan that an agent put into a Markdown fence is taken out of it, when its numbers make more sense then. Prose
 * stays.
 */
export function normalisePlan(text: string): string {
  const clean = tidy(toLf(text));
  const taken = takeOut(clean);
  return taken === null ? clean : tidy(taken);
}

function takeOut(text: string): string | null {
  const plan = parsePlan(text);
  const at = plan.warnings.find((warning) => warning.fence !== undefined)?.fence;
  if (at === undefined) return null;
  const lines = text.split('\n');
  const fence = insideFence(lines, at);
  if (fence === null) return null;
  const taken = [...lines.slice(0, at), ...fence.inside, ...lines.slice(fence.end)].join('\n');
  const after = parsePlan(taken);
  const better = hasHeadings(after) && (!hasHeadings(plan) || doubts(after) < doubts(plan));
  return better ? taken : null;
}

/** Whether the steps are headings, not a list's items. */
const hasHeadings = (plan: Plan): boolean =>
  plan.steps.length > 0 && !plan.warnings.some(({ code }) => code === 'lenient-format');
const NUMBERS = new Set(['duplicate-number', 'missing-number', 'out-of-order', 'zero-number']);
const doubts = (plan: Plan): number => plan.warnings.filter((warning) => NUMBERS.has(warning.code)).length;

export const tidy = (text: string): string => {
  let from = 0;
  for (let end = text.indexOf('\n'); end >= 0 && isBlank(text.slice(from, end)); end = text.indexOf('\n', from))
    from = end + 1;
  const body = text.slice(from).trimEnd();
  return body === '' ? '' : `${body}\n`;
};
