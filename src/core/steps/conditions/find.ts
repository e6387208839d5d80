import { type ProtectedInput, protectedFindings } from './protected';
import { scopeFindings } from './scope';
import type { StepText } from './stepText';
import { testFindings } from './tests';
import { type ConditionName, type FileChange, type Finding, finding } from './types';

/** All that the conditions look at; it was read from git's objects and from the guard, never from the work tree. */
export interface ConditionsInput extends ProtectedInput {
  readonly changes: readonly FileChange[];
  readonly step: StepText;
  /** Ignored or left-out files that a guest wrote, by path. */
  readonly ignored: readonly string[];
}

/** @returns what a condition found; null where there is nothing to judge by */
export function findingsOf(condition: ConditionName, input: ConditionsInput): readonly Finding[] | null {
  switch (condition) {
    case 'tests':
      return testFindings(input.changes, input.step.changes);
    case 'scope':
      return scopeFindings(input.changes, input.step);
    case 'protected':
      return protectedFindings(input.changes, input);
    case 'ignored':
      return [...new Set(input.ignored)]
        .sort()
        .map((path) => finding('ignored', path, 'was written, and stands in no difference'));
  }
}
