import type { ConditionWaiver, GateCondition, Status } from '../../artifacts/schemas';
import type { GateWord } from '../../config/schema';
import { readIssues } from '../feedback';
import type { Piece } from '../piece';
import { iterationNumbers, type SealedStep } from '../stepProgress';
import type { ConditionName, Finding } from './finding';

/** A setting that enables a condition. */
export type ActiveWord = Exclude<GateWord, 'off'>;

/** What the gate knows about one condition of `[gate]`. */
export interface ConditionEvidence {
  readonly condition: ConditionName;
  readonly word: ActiveWord;
  /** The findings; null if the condition has nothing to judge by. */
  readonly found: Piece<readonly Finding[] | null>;
  /** The person's waivers, from this iteration or an earlier one. */
  readonly waivers: readonly ConditionWaiver[];
  /** The person's reason for not allowing it; absent unless the person was asked and refused. */
  readonly refused?: string | undefined;
}

const TITLES: Readonly<Record<ConditionName, string>> = {
  tests: 'tests',
  scope: "outside of the step's Changes",
  protected: 'protected',
  ignored: 'ignored',
};

/**
 * Judges one condition of `[gate]`. If it could not be evaluated, the gate stays shut unless the setting is `warn`.
 * A waiver holds only for the findings that the person saw; one more finding makes it invalid.
 * @returns an empty list if the condition found nothing
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
        why: `${title}: it could not be checked, because ${piece.why}`,
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

/** Returns the latest waiver that covers all findings of a condition. */
export function waiverFor(
  condition: string,
  found: readonly { readonly key: string }[],
  waivers: readonly ConditionWaiver[],
): ConditionWaiver | undefined {
  return waivers.findLast(
    (waiver) => waiver.condition === condition && found.every(({ key }) => waiver.keys.includes(key)),
  );
}

/** Maximum number of findings named in a sentence. The others are only counted. */
const NAMED = 5;

/** True if only findings that a person may allow, and has not refused yet, keep the gate shut. */
export function awaitsPerson(status: Pick<Status, 'gate'>): boolean {
  const failing = (status.gate ?? []).filter(({ ok }) => !ok);
  return (
    failing.length > 0 &&
    failing.every(({ word, found, refused }) => word === 'ask' && found !== undefined && refused !== true)
  );
}

/** Returns a sentence for each condition of `[gate]` that gave only a warning. */
export function warningsOf(gate: readonly GateCondition[]): string[] {
  return gate.filter(isWarning).map(({ why }) => why);
}

/** Whether a condition let its findings pass with a warning, or could not be evaluated but does not shut the gate. */
export const isWarning = ({ ok, found, unseen, waived }: GateCondition): boolean =>
  ok && !waived && ((found !== undefined && found.length > 0) || unseen === true);

/** Lists the conditions that a person waived, in the form in which waived issues are listed. */
export function waivedConditions(
  gate: readonly GateCondition[],
): { readonly id: string; readonly reason: string; readonly hint: string }[] {
  return gate.flatMap(({ condition, waived, found }) =>
    waived ? [{ id: condition, reason: waived.reason, hint: `${condition}: ${foundWords(found ?? [])}` }] : [],
  );
}

/** Describes the findings of a condition in one line. */
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
 * Returns the person's waivers from the latest iteration that has a verdict. They still hold for the same findings.
 * @param before the number of an iteration; only earlier iterations are read
 */
export async function earlierWaivers(step: SealedStep, before = Infinity): Promise<readonly ConditionWaiver[]> {
  for (const n of (await iterationNumbers(step)).filter((each) => each < before).reverse()) {
    const file = await readIssues(step, n).catch(() => null);
    if (file) return file.waived_conditions ?? [];
  }
  return [];
}

/** The name of the condition under which a person waives known failures of checks. */
export const CHECKS = 'checks_passed';
