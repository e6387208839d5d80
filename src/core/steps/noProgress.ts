import { ChecksSummarySchema } from '../artifacts/schemas';
import { readRecord } from '../artifacts/store';
import { issuesOf } from './feedback';
import { readProgress, type SealedStep } from './progress';
import { predecessors } from './restored';
import { open } from './verdict/waivers';

/** Compares an iteration with the one that it went on from. @returns why going on is pointless, or null */
export async function noProgress(step: SealedStep, iteration: number): Promise<string | null> {
  const [previous] = await predecessors(step, iteration);
  if (previous === undefined) return null;
  const [before, now] = [await traits(step, previous), await traits(step, iteration)];
  if (now.tree !== null && now.tree === before.tree)
    return `iterations ${previous} and ${iteration} left the same files`;
  if (now.issues !== '' && now.issues === before.issues && now.failedChecks === before.failedChecks)
    return `iterations ${previous} and ${iteration} have the same issues`;
  return null;
}

/** Failed checks belong to it: the same issues with fewer failing checks are progress. */
async function traits(
  step: SealedStep,
  iteration: number,
): Promise<{ tree: string | null; issues: string; failedChecks: string }> {
  const it = step.paths.iteration(iteration);
  const progress = await readProgress(step, iteration).catch(() => null);
  const issues = await issuesOf(step, iteration);
  const checks = await readRecord(it.checksSummary, ChecksSummarySchema).catch(() => null);
  return {
    tree: progress?.tree ?? null,
    issues: open(issues)
      .map((issue) => issue.id ?? '')
      .sort()
      .join(' '),
    failedChecks: Object.entries(checks?.categories ?? {})
      .filter(([, result]) => !result.passed)
      .map(([name]) => name)
      .sort()
      .join(' '),
  };
}
