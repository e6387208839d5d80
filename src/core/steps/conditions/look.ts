import type { StepRecord } from '../../artifacts/schemas';
import { checkCommands } from '../../checks';
import type { Config } from '../../config/schema';
import { reason } from '../../errors';
import { showName } from '../../git/names';
import type { Git, Oid } from '../../git/types';
import type { Piece } from '../piece';
import { behindChecks, FIRST_LOOK } from './behind';
import { type ConditionsInput, findingsOf } from './find';
import { SECTIONS } from './guarded';
import type { ActiveWord, ConditionEvidence } from './judge';
import { stepText } from './stepText';
import { mayHoldTests } from './tests';
import { CONDITION_NAMES, type ConditionName, type Finding } from './types';

export interface LookRequest {
  readonly git: Pick<Git, 'changedTexts' | 'texts'>;
  readonly config: Config;
  readonly record: StepRecord;
  readonly base: Oid;
  /** The judged tree; null where none was captured. */
  readonly tree: Oid | null;
  /** Ignored and left-out files that guests wrote. */
  readonly ignored: readonly string[];
}

/**
 * Looks with every condition whose word is not `off`, from git's objects alone. Never throws: what could not be read is
 * said so.
 */
export async function lookAtConditions(
  request: LookRequest,
): Promise<readonly Pick<ConditionEvidence, 'condition' | 'word' | 'found'>[]> {
  const asked = CONDITION_NAMES.flatMap((condition) => {
    const word = request.config.gate[condition];
    return word === 'off' ? [] : [{ condition, word }];
  });
  if (asked.length === 0) return [];
  const input = await read(request).then(
    (value) => ({ ok: true, value }) as const,
    (error: unknown) => ({ ok: false, why: reason(error) }) as const,
  );
  return asked.map(
    ({ condition, word }): { condition: ConditionName; word: ActiveWord; found: Piece<readonly Finding[] | null> } => ({
      condition,
      word,
      found: input.ok ? { ok: true, value: shown(findingsOf(condition, input.value)) } : input,
    }),
  );
}

async function read({ git, config, record, base, tree, ignored }: LookRequest): Promise<ConditionsInput> {
  if (tree === null) throw new Error('the changes were not captured');
  const commands = checkCommands(config).map(({ file, args }) => [file, ...args]);
  const needed = (path: string): boolean =>
    mayHoldTests(path) || path.endsWith('package.json') || SECTIONS.some(({ file }) => file.test(path));
  const [changes, first] = await Promise.all([
    git.changedTexts(base, tree, needed),
    commands.length === 0 ? new Map<string, string>() : git.texts(base, FIRST_LOOK),
  ]);
  const named = [...behindChecks(commands, (path) => first.get(path) ?? null).named];
  const texts = named.length === 0 ? first : new Map([...first, ...(await git.texts(base, named))]);
  return {
    changes,
    commands,
    patterns: config.gate.protected_paths,
    baseText: (path) => texts.get(path) ?? null,
    step: stepText(record),
    ignored,
  };
}

/** Names as a sentence and a record may hold them. */
const shown = (found: readonly Finding[] | null): readonly Finding[] | null =>
  found?.map((one) => ({ ...one, path: showName(one.path) })) ?? null;
