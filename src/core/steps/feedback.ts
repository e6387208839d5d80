import {
  type ChecksSummary,
  ChecksSummarySchema,
  type GateCondition,
  type Issue,
  type IssuesFile,
  IssuesFileSchema,
  StatusSchema,
} from '../artifacts/schemas';
import { parseRecord, readRecord, readText } from '../artifacts/store';
import { digestOf } from './memory';
import { iterationNumbers, predecessors, type SealedStep } from './stepProgress';
import { issueId } from './verdict/issues';

/** What an iteration left to fix. */
export interface Feedback {
  readonly iteration: number;
  readonly checks: ChecksSummary | null;
  readonly issues: readonly Issue[];
  readonly gate: readonly GateCondition[];
}

/**
 * The latest feedback before an iteration. Ignores iterations that a restore took back.
 * @returns null if there is nothing to fix: no earlier iteration ran checks or got a verdict, or the latest one that
 * did has passed
 */
export async function readFeedback(step: SealedStep, before: number): Promise<Feedback | null> {
  for (const n of await predecessors(step, before)) {
    const feedback = await feedbackOf(step, n);
    if (feedback === 'passed') return null;
    if (feedback) return feedback;
  }
  return null;
}

/**
 * The feedback of one iteration, `passed`, or null if it has neither a verdict nor a failed check. A damaged file
 * counts as missing.
 */
export async function feedbackOf(step: SealedStep, iteration: number): Promise<Feedback | 'passed' | null> {
  const it = step.paths.iteration(iteration);
  const sealed = step.seals.whole(iteration)?.outcome;
  const status = await readRecord(it.status, StatusSchema).catch(() => null);
  if (sealed ? sealed.pass : status?.pass === true) return 'passed';
  const checks = await readRecord(it.checksSummary, ChecksSummarySchema).catch(() => null);
  const verdict = await readIssues(step, iteration).catch(() => null);
  const somethingFailed = Object.values(checks?.categories ?? {}).some((result) => !result.passed);
  if (verdict === null && !somethingFailed) return null;
  return { iteration, checks, issues: verdict?.issues ?? [], gate: sealed?.gate ?? status?.gate ?? [] };
}

/** The issues of earlier iterations, each as last reported. A waiver that was withdrawn there no longer holds. */
export async function earlierIssues(step: SealedStep, before: number): Promise<Issue[]> {
  const latest = new Map<string, Issue>();
  for (const n of (await iterationNumbers(step)).filter((each) => each < before))
    for (const issue of await issuesOf(step, n)) latest.set(issue.id ?? issueId(issue), issue);
  return [...latest.values()];
}

/** The issues of an iteration; none if the file cannot be read. */
export async function issuesOf(step: SealedStep, iteration: number): Promise<readonly Issue[]> {
  return (await readIssues(step, iteration).catch(() => null))?.issues ?? [];
}

/**
 * The verdict of an iteration. A waiver needs a person, so it counts only in a file that this Weld wrote: if the file
 * does not match its seal, every issue is open.
 * @returns null if there is no verdict
 * @throws WeldError `DAMAGED_FILE`
 */
export async function readIssues({ paths, seals }: SealedStep, iteration: number): Promise<IssuesFile | null> {
  const file = paths.iteration(iteration).issues;
  const text = await readText(file);
  if (text === null) return null;
  const verdict = parseRecord(file, text, IssuesFileSchema);
  if (!seals.known) return verdict;
  const seal = seals.whole(iteration);
  const known = [seal?.progress?.digests['issues.json'], seal?.accepted?.digests['issues.json']];
  if (known.includes(digestOf(text))) return verdict;
  return { ...verdict, issues: verdict.issues.map((issue) => ({ ...issue, waived: null })), waived_conditions: [] };
}
