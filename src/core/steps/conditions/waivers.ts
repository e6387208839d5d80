import type { ConditionWaiver } from '../../artifacts/schemas';
import { readIssues } from '../feedback';
import { iterationNumbers, type SealedStep } from '../progress';

/**
 * What the person let through in the latest iteration that has a verdict: it goes on to hold for the same findings. *
 * @param before the number of an iteration: only those before it are looked at
 */
export async function earlierWaivers(step: SealedStep, before = Infinity): Promise<readonly ConditionWaiver[]> {
  for (const n of (await iterationNumbers(step)).filter((each) => each < before).reverse()) {
    const file = await readIssues(step, n).catch(() => null);
    if (file) return file.waived_conditions ?? [];
  }
  return [];
}
