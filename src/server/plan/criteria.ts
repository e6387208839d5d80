import { pathToFileURL } from 'node:url';
import type { LocationLink, Position } from 'vscode-languageserver/node';
import type { Issue } from '../../core/artifacts/schemas';
import { readText } from '../../core/artifacts/store';
import type { Plan, PlanStep } from '../../core/plan';
import { criterion as criterionOf, open } from '../../core/steps/verdict/issues';
import type { LatestReview, RunView } from '../runViews';

/** A criterion in a plan, by its step and its place there. */
export interface Criterion {
  readonly step: PlanStep;
  /** From 0. */
  readonly index: number;
  readonly text: string;
}

/** @param line from 0 @returns the criterion whose text stands on that line */
export function criterionAt(steps: readonly PlanStep[], line: number): Criterion | null {
  const step = stepAt(steps, line);
  const index =
    step?.acceptanceCriteria.findIndex(({ range }) => range.start.line <= line && line <= range.end.line) ?? -1;
  const item = step?.acceptanceCriteria[index];
  return step === undefined || item === undefined ? null : { step, index, text: item.text };
}

export const stepAt = (steps: readonly PlanStep[], line: number): PlanStep | undefined =>
  steps.find(({ range }) => range.start.line <= line && line <= range.end.line);

/** What a review says of one criterion. */
export interface CriterionVerdict {
  /** As the reviewer counted, from 1. */
  readonly number: number;
  readonly issues: readonly Issue[];
  /** No issue speaks of it, and none that is open speaks of a criterion that nobody can tell. */
  readonly met: boolean;
}

/** @param text the criterion as it stands in the plan now @returns null when the reviewer did not have it */
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
 * Which criteria an issue speaks of: by their words or by number (from 1, also as "2.", "AC1 and AC2", "criteria 1,
 * 3").
 * @param criteria as the reviewer had them @returns their places; none when nobody can tell which, null when it speaks
 *   of no criterion
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
/** Nothing but numbers and what stands around them. */
const ONLY_NUMBERS = /^(?:(?:acceptance\s+)?criteri(?:on|a)|acs?|and|or|[\s\d,;:&/#_()[\]."'-])+$/iu;
/** A number with the criterion's own words, or others, behind it. */
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

/** From a criterion to the issues that map to it: where each stands in `issues.json`. */
export async function criterionIssues(plan: Plan, view: RunView, position: Position): Promise<LocationLink[]> {
  const criterion = criterionAt(plan.steps, position.line);
  const review = criterion === null ? undefined : view.reviews.get(criterion.step.n);
  if (criterion === null || review === undefined) return [];
  const speaking = verdictOn(criterion.text, review)?.issues ?? [];
  const text = (await readText(review.file).catch(() => null)) ?? '';
  const origin = criterion.step.acceptanceCriteria[criterion.index]?.range;
  const from = { hint: 0 };
  return review.issues.flatMap((issue) => {
    const at = text.indexOf(JSON.stringify(issue.hint), from.hint);
    if (at >= 0) from.hint = at + 1;
    if (!speaking.includes(issue)) return [];
    const line = at < 0 ? 0 : text.slice(0, at).split('\n').length - 1;
    const character = at < 0 ? 0 : at - (text.lastIndexOf('\n', at) + 1);
    const range = {
      start: { line, character },
      end: { line, character: character + (at < 0 ? 0 : JSON.stringify(issue.hint).length) },
    };
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
