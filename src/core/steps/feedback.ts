import { ChecksSummarySchema, IssuesFileSchema, StatusSchema, type ChecksSummary, type GateCondition, type Issue } from '../artifacts/schemas';
import type { StepPaths } from '../artifacts/paths';
import { readRecord } from '../artifacts/store';
import { iterationNumbers } from './progress';
import { predecessors } from './restored';
import { issueId } from './verdict/issueId';
import { open } from './verdict/waivers';

/** What an iteration has left wrong. */
export interface Feedback {
  readonly iteration: number;
  readonly checks: ChecksSummary | null;
  readonly issues: readonly Issue[];
  readonly gate: readonly GateCondition[];
}

/**
 * The latest feedback before an iteration, of what is in the work tree: an iteration that was taken back has none.
 * @returns null when there is nothing to fix: no earlier iteration came to checks or a verdict, or the latest that did
 * has passed
 */
export async function readFeedback(step: { readonly paths: StepPaths }, before: number): Promise<Feedback | null> {
  for (const n of await predecessors(step.paths, before)) {
    const feedback = await feedbackOf(step.paths, n);
    if (feedback === 'passed') return null;
    if (feedback) return feedback;
  }
  return null;
}

/** The feedback of one iteration, `passed`, or null when it never came so far. A damaged file counts as missing. */
export async function feedbackOf(paths: StepPaths, iteration: number): Promise<Feedback | 'passed' | null> {
  const it = paths.iteration(iteration);
  const status = await readRecord(it.status, StatusSchema).catch(() => null);
  if (status?.pass === true) return 'passed';
  const checks = await readRecord(it.checksSummary, ChecksSummarySchema).catch(() => null);
  const verdict = await readRecord(it.issues, IssuesFileSchema).catch(() => null);
  const issues = verdict?.issues ?? [];
  const somethingFailed = Object.values(checks?.categories ?? {}).some((result) => !result.passed);
  if (verdict === null && !somethingFailed && open(issues).length === 0) return null;
  return { iteration, checks, issues, gate: status?.gate ?? [] };
}

/** The issues of earlier iterations, each as it was last reported: a waiver that was taken back there holds no more. */
export async function earlierIssues(paths: StepPaths, before: number): Promise<Issue[]> {
  const latest = new Map<string, Issue>();
  for (const n of (await iterationNumbers(paths)).filter((each) => each < before))
    for (const issue of (await readRecord(paths.iteration(n).issues, IssuesFileSchema).catch(() => null))?.issues ?? []) latest.set(issue.id ?? issueId(issue), issue);
  return [...latest.values()];
}
