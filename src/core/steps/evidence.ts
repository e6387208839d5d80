import * as path from 'node:path';
import type { IterationPaths } from '../artifacts/paths';
import type { ChecksSummary, ConditionWaiver, IssuesFile, StepProgress } from '../artifacts/schemas';
import { checkCommands } from '../checks';
import type { Config } from '../config/schema';
import type { Oid } from '../git/git';
import { reason } from '../util/errors';
import type { ConditionEvidence } from './conditions/judgeCondition';
import type { Evidence } from './gate';
import { digestFile, type Memory } from './memory';
import type { Piece } from './piece';
import { isDone } from './stepProgress';

/** Input of the gate in addition to what the phases produced. */
export interface GivenConditions {
  readonly conditions: readonly ConditionEvidence[];
  /** Failed checks that a person accepted as known. */
  readonly known: readonly ConditionWaiver[];
  /** Categories that already failed on the step's base, if known. */
  readonly failedBefore: readonly string[];
}

export interface EvidenceSource extends Partial<GivenConditions> {
  readonly paths: IterationPaths;
  readonly progress: StepProgress;
  /** What the phases produced. */
  readonly memory: Memory;
  readonly base: Oid;
  readonly config: Config;
}

/**
 * Collects the evidence for the gate: what the phases produced, if the files still match it. Never throws: evidence
 * that cannot be read is replaced by the reason.
 */
export async function gatherEvidence(source: EvidenceSource): Promise<Evidence> {
  const { progress, config } = source;
  const configured = checkCommands(config).map(({ category }) => category);
  return {
    diff: await piece(() => diff(source)),
    checks: await piece(() => checks(source)),
    configuredChecks: [...new Set([...progress.configured_checks, ...configured])],
    review: await piece(() => review(source)),
    verdict: verdict(source.memory),
    changedUnderReview: progress.review?.changed ?? [],
    changedByChecks: progress.unsettled,
    violations: progress.violations,
    failOnBlockersOnly: config.loop.fail_on_blockers_only,
    conditions: source.conditions ?? [],
    known: source.known ?? [],
    failedBefore: source.failedBefore ?? [],
  };
}

async function diff({ paths, progress, base }: EvidenceSource): Promise<Piece<{ nonEmpty: boolean }>> {
  if (!isDone(progress, 'diff')) return no('the changes were not captured');
  const file = await intact(paths.diff, progress);
  if (!file.ok) return file;
  if (progress.tree === undefined || progress.tree === null) return no('the captured tree is not known');
  const nonEmpty = file.value > 0;
  if (nonEmpty !== (progress.tree !== base)) return no('diff.patch contradicts the captured tree');
  return yes({ nonEmpty });
}

async function checks({ paths, progress, memory }: EvidenceSource): Promise<Piece<ChecksSummary>> {
  if (!isDone(progress, 'checks')) return no('the checks were not run');
  const file = await intact(paths.checksSummary, progress);
  if (!file.ok) return file;
  const summary = memory.checks;
  if (!summary) return no('checks.summary.json is missing');
  for (const category of Object.keys(summary.categories))
    if (!(await digestFile(paths.check(category)))) return no(`the output of the check ${category} is missing`);
  if (
    Object.keys(summary.categories).length > 0 &&
    progress.checked_tree !== progress.tree &&
    progress.unsettled.length === 0
  )
    return no('the checks did not run on the tree that was captured');
  return yes(summary);
}

async function review({ paths, progress, memory }: EvidenceSource): Promise<Piece<null>> {
  if (progress.review && !progress.review.ended)
    return no(progress.review.why === '' ? 'the reviewer did not finish' : progress.review.why);
  if (!isDone(progress, 'review') || !progress.review || memory.review === null) return no('there is no review');
  const file = await intact(paths.review, progress);
  return file.ok ? yes(null) : file;
}

function verdict({ issues }: Memory): Piece<IssuesFile> {
  if (!issues) return no('there is no verdict');
  return typeof issues['unreadable'] === 'string' ? no(issues['unreadable']) : yes(issues);
}

/** @returns the file's size in bytes if its content is what its phase wrote, else the reason */
async function intact(file: string, progress: StepProgress): Promise<Piece<number>> {
  const name = path.basename(file);
  const found = await digestFile(file);
  if (!found) return no(`${name} is missing`);
  if (progress.digests[name] !== found.sha256) return no(`${name} is not as it was written`);
  return yes(found.size);
}

async function piece<T>(read: () => Promise<Piece<T>>): Promise<Piece<T>> {
  try {
    return await read();
  } catch (error) {
    return no(reason(error));
  }
}

function yes<T>(value: T): Piece<T> {
  return { ok: true, value };
}

function no(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}
