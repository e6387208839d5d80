import { pathToFileURL } from 'node:url';
import type { LocationLink, Position } from 'vscode-languageserver/node';
import type { Issue } from '../../core/artifacts/schemas';
import { readText } from '../../core/artifacts/store';
import type { Plan, PlanStep } from '../../core/plan';
import { criterion as criterionOf, open } from '../../core/steps/verdict/issues';
import { rangeInLine } from '../ranges';
import type { LatestReview, RunView } from '../runViews';

/** An acceptance criterion of a plan. */
export interface Criterion {
  readonly step: PlanStep;
  /** Position in the step's acceptance criteria, from 0. */
  readonly index: number;
  readonly text: string;
}

/** @param line from 0 @returns the criterion whose text is on that line, else null */
export function criterionAt(steps: readonly PlanStep[], line: number): Criterion | null {
  const step = stepAt(steps, line);
  const index =
    step?.acceptanceCriteria.findIndex(({ range }) => range.start.line <= line && line <= range.end.line) ?? -1;
  const item = step?.acceptanceCriteria[index];
  return step === undefined || item === undefined ? null : { step, index, text: item.text };
}

/** @param line from 0 @returns the step that the line belongs to */
export const stepAt = (steps: readonly PlanStep[], line: number): PlanStep | undefined =>
  steps.find(({ range }) => range.start.line <= line && line <= range.end.line);

/** The verdict of a review on one criterion. */
export interface CriterionVerdict {
  /** The reviewer's number of the criterion, from 1. */
  readonly number: number;
  readonly issues: readonly Issue[];
  /** True when no issue maps to the criterion and no open issue maps to a criterion that cannot be identified. */
  readonly met: boolean;
}

/** @param text the criterion in the current text @returns null when the review was without this criterion */
export function verdictOn(text: string, review: LatestReview): CriterionVerdict | null {
  const at = review.criteria.findIndex((each) => words(each) === words(text));
  if (at < 0) return null;
  const issues = review.issues.filter((issue) => mapsTo(issue, review.criteria)?.includes(at));
  return {
    number: at + 1,
    issues,
    met: issues.length === 0 && !open(review.issues).some((issue) => mapsTo(issue, review.criteria)?.length === 0),
  };
}

/**
 * Finds the criteria that an issue maps to, by their words or by number (from 1; also "2.", "AC1 and AC2",
 * "criteria 1, 3").
 * @param criteria the criteria that the reviewer was given
 * @returns their indices, from 0; empty when they cannot be identified, null when the issue maps to no criterion
 */
export function mapsTo(issue: Pick<Issue, 'maps_to'>, criteria: readonly string[]): readonly number[] | null {
  const target = criterionOf(issue.maps_to);
  if (target === null) return null;
  const byWords = placesByWords(words(target), criteria.map(words));
  return byWords.length > 0
    ? byWords
    : numbersIn(target)
        .map((n) => n - 1)
        .filter((at) => at >= 0 && at < criteria.length);
}

function placesByWords(target: string, criteria: readonly string[]): readonly number[] {
  const same = criteria.indexOf(target);
  if (same >= 0) return [same];
  return criteria.flatMap((each, at) =>
    (target.length >= 12 && each.includes(target)) || (each.length >= 12 && target.includes(each)) ? [at] : [],
  );
}

const STEP = /\bstep\s*#?\d+\s*[,:;./-]*/giu;
/** Text of numbers, their labels and separators only. */
const ONLY_NUMBERS = /^(?:(?:acceptance\s+)?criteri(?:on|a)|acs?|and|or|[\s\d,;:&/#_()[\]."'-])+$/iu;
/** A numbered criterion with any text after the number. */
const NUMBERED = /^(?:(?:acceptance\s+)?criterion|ac)[\s#_-]*(\d+)\b|^[[(#]?(\d+)[\]).:]/iu;

function numbersIn(target: string): readonly number[] {
  const text = target.replace(STEP, '').trim();
  if (ONLY_NUMBERS.test(text)) return [...text.matchAll(/\d+/gu)].map(([digits]) => Number(digits));
  const match = NUMBERED.exec(text);
  return match === null ? [] : [Number(match[1] ?? match[2])];
}

const words = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Definition of a criterion: the places in `issues.json` of the issues that map to it. */
export async function criterionIssues(plan: Plan, view: RunView, position: Position): Promise<LocationLink[]> {
  const criterion = criterionAt(plan.steps, position.line);
  const review = criterion === null ? undefined : view.reviews.get(criterion.step.n);
  if (criterion === null || review === undefined) return [];
  const speaking = verdictOn(criterion.text, review)?.issues ?? [];
  const text = (await readText(review.file).catch(() => null)) ?? '';
  const origin = criterion.step.acceptanceCriteria[criterion.index]?.range;
  const from = { hint: 0 };
  return review.issues.flatMap((issue) => {
    const hint = JSON.stringify(issue.hint);
    const at = text.indexOf(hint, from.hint);
    if (at >= 0) from.hint = at + 1;
    if (!speaking.includes(issue)) return [];
    const line = at < 0 ? 0 : text.slice(0, at).split('\n').length - 1;
    const character = at < 0 ? 0 : at - (text.lastIndexOf('\n', at) + 1);
    const range = rangeInLine(line, character, character + (at < 0 ? 0 : hint.length));
    return [
      {
        targetUri: pathToFileURL(review.file).href,
        targetRange: range,
        targetSelectionRange: range,
        ...(origin === undefined ? {} : { originSelectionRange: origin }),
      },
    ];
  });
}
