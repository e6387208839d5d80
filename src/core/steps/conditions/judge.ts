import type { ConditionWaiver, GateCondition } from '../../artifacts/schemas';
import type { GateWord } from '../../config/schema';
import type { Piece } from '../piece';
import { foundWords } from './notes';
import type { ConditionName, Finding } from './types';

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
