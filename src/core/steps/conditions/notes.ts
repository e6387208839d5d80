import type { GateCondition, Status } from '../../artifacts/schemas';

/** So many findings are named in a sentence. */
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
