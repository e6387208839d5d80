import type {
  CheckResult,
  ChecksSummary,
  ConditionWaiver,
  GateCondition,
  Issue,
  IssuesFile,
} from '../artifacts/schemas';
import { listed } from '../util/text';
import { failureKey } from './conditions/baseline';
import { CHECKS, type ConditionEvidence, judgeCondition, waiverFor } from './conditions/judgeCondition';
import type { Piece } from './piece';
import { criterion, isWaived, open } from './verdict/issues';

export interface Evidence {
  readonly diff: Piece<{ readonly nonEmpty: boolean }>;
  readonly checks: Piece<ChecksSummary>;
  /** The categories of checks in config.toml. */
  readonly configuredChecks: readonly string[];
  /** Whether the reviewer finished. */
  readonly review: Piece<null>;
  readonly verdict: Piece<IssuesFile>;
  /** Paths that changed while the reviewer, who may only read, was running. */
  readonly changedUnderReview: readonly string[];
  /** Paths that the checks changed in both runs, so that their results belong to no single tree. */
  readonly changedByChecks: readonly string[];
  /** Attempts by guests, or by others meanwhile, to change what judges them, as sentences. */
  readonly violations: readonly string[];
  readonly failOnBlockersOnly: boolean;
  /** What the conditions of `[gate]` found. */
  readonly conditions?: readonly ConditionEvidence[];
  /** Failed checks that a person accepted as known. */
  readonly known?: readonly ConditionWaiver[];
  /** Checks that failed before the step began. For information only; they decide nothing. */
  readonly failedBefore?: readonly string[];
}

export const CONDITIONS = [
  'diff_nonempty',
  'checks_passed',
  'review_ended',
  'verdict_passed',
  'no_blockers',
  'criteria_met',
  'review_left_tree',
  'checks_left_tree',
  'no_violation',
] as const;
export type ConditionName = (typeof CONDITIONS)[number];

/**
 * The gate turns evidence into a decision and its reasons. It reads no files and never throws.
 * @returns one condition for each rule, in a fixed order; `pass` only if all conditions hold
 */
export function judge(evidence: Evidence): { readonly pass: boolean; readonly gate: readonly GateCondition[] } {
  const gate = [
    diff(evidence),
    checks(evidence),
    review(evidence),
    verdict(evidence),
    blockers(evidence),
    criteria(evidence),
  ];
  if (evidence.changedUnderReview.length > 0)
    gate.push(
      condition(
        'review_left_tree',
        false,
        `files changed while the reviewer was at work: ${listed(evidence.changedUnderReview)}`,
      ),
    );
  if (evidence.changedByChecks.length > 0)
    gate.push(
      condition(
        'checks_left_tree',
        false,
        `the checks changed files again when they ran once more: ${listed(evidence.changedByChecks)}`,
      ),
    );
  if (evidence.violations.length > 0) gate.push(condition('no_violation', false, evidence.violations.join(' ')));
  gate.push(...(evidence.conditions ?? []).flatMap(judgeCondition));
  return { pass: gate.every((each) => each.ok), gate };
}

function diff({ diff: piece }: Evidence): GateCondition {
  if (!piece.ok) return condition('diff_nonempty', false, piece.why);
  return piece.value.nonEmpty
    ? condition('diff_nonempty', true, 'there are changes')
    : condition('diff_nonempty', false, 'nothing has changed since the step began');
}

function checks({ checks: piece, configuredChecks, known, failedBefore }: Evidence): GateCondition {
  const no = (why: string): GateCondition => condition('checks_passed', false, why);
  if (!piece.ok) return no(piece.why);
  const { categories, all_passed: allPassed } = piece.value;
  const failed = Object.entries(categories).filter(([, result]) => !result.passed || result.exit_code !== 0);
  const accepted = acceptedFailures(
    failed.map(([, result]) => result),
    known ?? [],
  );
  const named = (name: string): string => (failedBefore?.includes(name) === true ? `${name} (failed before)` : name);
  if (failed.length > 0 && !accepted.waived)
    return { ...no(`failed: ${listed(failed.map(([name]) => named(name)))}`), ...accepted };
  const missing = configuredChecks.filter((name) => !Object.hasOwn(categories, name));
  if (missing.length > 0) return no(`not run: ${listed(missing)}`);
  if (accepted.waived)
    return {
      ...condition(
        'checks_passed',
        true,
        `failed as known: ${listed(failed.map(([name]) => name))} (${accepted.waived.reason})`,
      ),
      ...accepted,
    };
  if (!allPassed) return no('the summary contradicts itself: every check passed, yet not all passed');
  return condition(
    'checks_passed',
    true,
    Object.keys(categories).length === 0 ? 'no checks are configured' : 'every check passed',
  );
}

/** The failures that a person can accept, and the waiver if a person accepted exactly these as known. */
function acceptedFailures(
  failed: readonly CheckResult[],
  known: readonly ConditionWaiver[],
): Pick<GateCondition, 'found' | 'waived'> {
  const found = failed.flatMap((result) => {
    const key = failureKey(result);
    return key === null ? [] : [{ path: result.category, what: `failed with exit code ${result.exit_code}`, key }];
  });
  if (found.length === 0 || found.length < failed.length) return {};
  const waivers = found.map(({ key }) => waiverFor(CHECKS, [{ key }], known));
  const [first] = waivers;
  return first && waivers.every((waiver) => waiver !== undefined)
    ? { found, waived: { reason: first.reason, at: first.at } }
    : { found };
}

function review({ review: piece, verdict: read }: Evidence): GateCondition {
  if (!piece.ok) return condition('review_ended', false, piece.why);
  if (!read.ok) return condition('review_ended', false, read.why);
  return condition('review_ended', true, 'the reviewer ended and its verdict was read');
}

function verdict({ verdict: piece, failOnBlockersOnly }: Evidence): GateCondition {
  if (!piece.ok) return condition('verdict_passed', false, piece.why);
  const { pass, issues } = piece.value;
  if (pass) return condition('verdict_passed', true, 'approved by the reviewer');
  const waived = issues.filter(isWaived);
  if (waived.length > 0 && open(issues).every((issue) => harmless(issue, failOnBlockersOnly)))
    return condition('verdict_passed', true, 'rejected by the reviewer, for issues that are waived');
  return condition('verdict_passed', false, 'rejected by the reviewer');
}

/** An open issue that cannot be the reason for a failing verdict once the waived issues are ignored. */
function harmless(issue: Issue, failOnBlockersOnly: boolean): boolean {
  return failOnBlockersOnly && issue.severity === 'minor' && criterion(issue.maps_to) === null;
}

function blockers({ verdict: piece, failOnBlockersOnly }: Evidence): GateCondition {
  if (!piece.ok) return condition('no_blockers', false, piece.why);
  const counting = open(piece.value.issues).filter((issue) => !failOnBlockersOnly || issue.severity === 'blocker');
  const what = failOnBlockersOnly ? 'blocker' : 'issue';
  return counting.length === 0
    ? condition('no_blockers', true, `no open ${what}`)
    : condition('no_blockers', false, `${counting.length} open ${what}${counting.length === 1 ? '' : 's'}`);
}

function criteria({ verdict: piece }: Evidence): GateCondition {
  if (!piece.ok) return condition('criteria_met', false, piece.why);
  const unmet = open(piece.value.issues)
    .map((issue) => criterion(issue.maps_to))
    .filter((each) => each !== null);
  return unmet.length === 0
    ? condition('criteria_met', true, 'all acceptance criteria met')
    : condition('criteria_met', false, `acceptance criteria not met: ${listed([...new Set(unmet)])}`);
}

function condition(name: ConditionName, ok: boolean, why: string): GateCondition {
  return { condition: name, ok, why };
}
