import type { Issue } from '../../core/artifacts/schemas';
import type { PlanStep } from '../../core/plan';
import { criterion as criterionOf } from '../../core/steps/verdict/criterion';

/** A criterion in a plan, by its step and its place there. */
export interface Criterion {
  readonly step: PlanStep;
  /** From 0. */
  readonly index: number;
  readonly text: string;
}

/** @param line from 0 @returns the criterion whose text stands on that line */
export function criterionAt(steps: readonly PlanStep[], line: number): Criterion | null {
  const step = steps.find(({ range }) => range.start.line <= line && line <= range.end.line);
  const index = step?.acceptanceCriteria.findIndex(({ range }) => range.start.line <= line && line <= range.end.line) ?? -1;
  const item = step?.acceptanceCriteria[index];
  return step === undefined || item === undefined ? null : { step, index, text: item.text };
}

export const stepAt = (steps: readonly PlanStep[], line: number): PlanStep | undefined => steps.find(({ range }) => range.start.line <= line && line <= range.end.line);

/** Whether an issue speaks of a criterion: by number (from 1, also as "2.", "AC2", "criterion 2") or by its words. */
export function mapsTo(issue: Pick<Issue, 'maps_to'>, criterion: Pick<Criterion, 'index' | 'text'>): boolean {
  const target = criterionOf(issue.maps_to);
  if (target === null) return false;
  const number = /^(?:ac|criterion|acceptance criterion)?[\s#_-]*(\d+)[.)]?(?:$|[\s:])/iu.exec(target)?.[1];
  if (number !== undefined) return Number(number) === criterion.index + 1;
  const [a, b] = [words(target), words(criterion.text)];
  return a === b || (a.length >= 12 && b.includes(a)) || (b.length >= 12 && a.includes(b));
}

const words = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
