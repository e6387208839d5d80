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
export async function readFeedback(step: SealedStep, before: number): Promise<Feedback | null> {
  for (const n of await predecessors(step, before)) {
    const feedback = await feedbackOf(step, n);
    if (feedback === 'passed') return null;
    if (feedback) return feedback;
  }
  return null;
}

/** The feedback of one iteration, `passed`, or null when it never came so far. A damaged file counts as missing. */
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

/** The issues of earlier iterations, each as it was last reported: a waiver that was taken back there holds no more. */
export async function earlierIssues(step: SealedStep, before: number): Promise<Issue[]> {
  const latest = new Map<string, Issue>();
  for (const n of (await iterationNumbers(step)).filter((each) => each < before))
    for (const issue of await issuesOf(step, n)) latest.set(issue.id ?? issueId(issue), issue);
  return [...latest.values()];
}

/** The issues of an iteration; a file that cannot be read has none. */
export async function issuesOf(step: SealedStep, iteration: number): Promise<readonly Issue[]> {
  return (await readIssues(step, iteration).catch(() => null))?.issues ?? [];
}

/**
 * The verdict of an iteration. Waivers are a person's word and count only where this Weld wrote them down: in a file
 * that is not as it was sealed every issue is open.
 * @returns null when there is none @throws WeldError `DAMAGED_FILE`
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
