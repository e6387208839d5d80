import { ChecksSummarySchema, IssuesFileSchema } from '../artifacts/schemas';
import type { StepPaths } from '../artifacts/paths';
import { readRecord } from '../artifacts/store';
import { readProgress } from './progress';
import { predecessors } from './restored';
import { open } from './verdict/waivers';

/** Compares an iteration with the one that it went on from. @returns why going on is pointless, or null */
export async function noProgress(paths: StepPaths, iteration: number): Promise<string | null> {
  const [previous] = await predecessors(paths, iteration);
  if (previous === undefined) return null;
  const [before, now] = [await traits(paths, previous), await traits(paths, iteration)];
  if (now.tree !== null && now.tree === before.tree) return `iterations ${previous} and ${iteration} left the same files`;
  if (now.issues !== '' && now.issues === before.issues && now.failedChecks === before.failedChecks)
    return `iterations ${previous} and ${iteration} have the same issues`;
  return null;
}

/** Failed checks belong to it: the same issues with fewer failing checks are progress. */
async function traits(paths: StepPaths, iteration: number): Promise<{ tree: string | null; issues: string; failedChecks: string }> {
  const it = paths.iteration(iteration);
  const progress = await readProgress(paths, iteration).catch(() => null);
  const issues = await readRecord(it.issues, IssuesFileSchema).catch(() => null);
  const checks = await readRecord(it.checksSummary, ChecksSummarySchema).catch(() => null);
  return {
    tree: progress?.tree ?? null,
    issues: open(issues?.issues ?? []).map((issue) => issue.id ?? '').sort().join(' '),
    failedChecks: Object.entries(checks?.categories ?? {}).filter(([, result]) => !result.passed).map(([name]) => name).sort().join(' '),
  };
}
