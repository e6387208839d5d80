import type { Issue } from '../../artifacts/schemas';
import { rank } from './severity';

export function isWaived(issue: Issue): boolean {
  return issue.waived !== undefined && issue.waived !== null;
}

/** The issues that count. */
export function open(issues: readonly Issue[]): Issue[] {
  return issues.filter((issue) => !isWaived(issue));
}

/**
 * A waiver follows its issue into later iterations, unless the issue has become graver than what was waived.
 * @param earlier each issue once, as it was last reported
 */
export function carryWaivers(issues: readonly Issue[], earlier: readonly Issue[]): Issue[] {
  const waived = new Map(earlier.filter(isWaived).map((issue) => [issue.id, issue]));
  return issues.map((issue) => {
    const before = issue.id === undefined ? undefined : waived.get(issue.id);
    return before?.waived && rank(issue.severity) >= rank(before.severity)
      ? { ...issue, waived: before.waived }
      : issue;
  });
}
