import type { ConditionWaiver, GateCondition, Status } from '../../artifacts/schemas';
import type { GateWord } from '../../config/schema';
import { readIssues } from '../feedback';
import type { Piece } from '../piece';
import { iterationNumbers, type SealedStep } from '../stepProgress';
import type { ConditionName, Finding } from './finding';

/** A word that has a condition looked at. */
export type ActiveWord = Exclude<GateWord, 'off'>;

/** What is known of one condition of `[gate]` when the gate judges. */
export interface ConditionEvidence {
  readonly condition: ConditionName;
  readonly word: ActiveWord;
  /** What it found; null where there is nothing to judge by. */
  readonly found: Piece<readonly Finding[] | null>;
  /** What the person let through, in this iteration or an earlier one. */
  readonly waivers: readonly ConditionWaiver[];
  /** Why the person did not allow it, when they were asked. */
  readonly refused?: string | undefined;
}

const TITLES: Readonly<Record<ConditionName, string>> = {
  tests: 'tests',
  scope: "outside of the step's Changes",
  protected: 'protected',
  ignored: 'ignored',
};

/**
 * One condition of `[gate]`, judged. What could not be looked at keeps the gate shut unless the word is `warn`.
 * A waiver holds for the findings that the person saw: with one more, it holds no longer.
 * @returns nothing where it found nothing
 */
export function judgeCondition({
  condition,
  word,
  found: piece,
  waivers,
  refused,
}: ConditionEvidence): GateCondition[] {
  const title = TITLES[condition];
  if (!piece.ok)
    return [
      {
        condition,
        word,
        ok: word === 'warn',
        why: `${title}: it could not be looked at, because ${piece.why}`,
        unseen: true,
      },
    ];
  if (piece.value === null || piece.value.length === 0) return [];
  const found = piece.value.map(({ path, what, key }) => ({ path, what, key }));
  const why = `${title}: ${foundWords(found)}`;
  const waiver = waiverFor(condition, found, waivers);
  if (waiver)
    return [
      {
        condition,
        word,
        ok: true,
        why: `${why} (waived: ${waiver.reason})`,
        found,
        waived: { reason: waiver.reason, at: waiver.at },
      },
    ];
  if (word === 'ask' && refused !== undefined)
    return [
      {
        condition,
        word,
        ok: false,
        why: `${why}; the person did not allow it${refused === '' ? '' : `: ${refused}`}`,
        found,
        refused: true,
      },
    ];
  return [
    { condition, word, ok: word === 'warn', why: word === 'ask' ? `${why}; a person has to allow it` : why, found },
  ];
}

/** The waiver that covers all of what a condition found. */
export function waiverFor(
  condition: string,
  found: readonly { readonly key: string }[],
  waivers: readonly ConditionWaiver[],
): ConditionWaiver | undefined {
  return waivers.findLast(
    (waiver) => waiver.condition === condition && found.every(({ key }) => waiver.keys.includes(key)),
  );
}

/** Maximum number of findings named in a sentence; the rest is counted. */
const NAMED = 5;

/** True when nothing keeps the gate shut but what a person may allow and has not been asked for. */
export function awaitsPerson(status: Pick<Status, 'gate'>): boolean {
  const failing = (status.gate ?? []).filter(({ ok }) => !ok);
  return (
    failing.length > 0 &&
    failing.every(({ word, found, refused }) => word === 'ask' && found !== undefined && refused !== true)
  );
}

/** What conditions of `[gate]` found and let through with a warning, a sentence each. */
export function warningsOf(gate: readonly GateCondition[]): string[] {
  return gate.filter(isWarning).map(({ why }) => why);
}

export const isWarning = ({ ok, found, unseen, waived }: GateCondition): boolean =>
  ok && !waived && ((found !== undefined && found.length > 0) || unseen === true);

/** What a person let through, in the form in which waived issues are listed. */
export function waivedConditions(
  gate: readonly GateCondition[],
): { readonly id: string; readonly reason: string; readonly hint: string }[] {
  return gate.flatMap(({ condition, waived, found }) =>
    waived ? [{ id: condition, reason: waived.reason, hint: `${condition}: ${foundWords(found ?? [])}` }] : [],
  );
}

/** What a condition found, in one line. */
export function foundWords(found: NonNullable<GateCondition['found']>): string {
  const rest = found.length - NAMED;
  return (
    found
      .slice(0, NAMED)
      .map(({ path, what }) => `${path} ${what}`)
      .join('; ') + (rest > 0 ? `; and ${rest} more` : '')
  );
}

/**
 * What the person let through in the latest iteration that has a verdict: it still holds for the same findings.
 * @param before the number of an iteration: only those before it are looked at
 */
export async function earlierWaivers(step: SealedStep, before = Infinity): Promise<readonly ConditionWaiver[]> {
  for (const n of (await iterationNumbers(step)).filter((each) => each < before).reverse()) {
    const file = await readIssues(step, n).catch(() => null);
    if (file) return file.waived_conditions ?? [];
  }
  return [];
}
