import * as fs from 'node:fs/promises';
import type { StepRecord } from '../../artifacts/schemas';
import { checkCommands } from '../../checks';
import type { Config } from '../../config/schema';
import type { Git, Oid } from '../../git/git';
import { onDisk, showName } from '../../git/names';
import { CLOCK_STEP_MS } from '../../git/statFingerprint';
import { reason } from '../../util/errors';
import type { Piece } from '../piece';
import type { Iteration } from '../work';
import { behindChecks, FIRST_LOOK } from './checkInputs';
import { CONDITION_NAMES, type ConditionName, type FileChange, type Finding, finding } from './finding';
import type { ActiveWord, ConditionEvidence } from './judgeCondition';
import { type StepText, stepText } from './namedPaths';
import { type ProtectedInput, protectedFindings } from './protected';
import { SECTIONS } from './protectedFiles';
import { scopeFindings } from './scope';
import { mayHoldTests, testFindings } from './tests';

export interface LookRequest {
  readonly git: Pick<Git, 'changedTexts' | 'texts'>;
  readonly config: Config;
  readonly record: StepRecord;
  readonly base: Oid;
  /** The judged tree; null if none was captured. */
  readonly tree: Oid | null;
  /** Paths of ignored or left-out files that guests wrote. */
  readonly ignored: readonly string[];
}

/**
 * Evaluates every condition that is not set to `off`. Reads only git's objects, never the work tree. Never throws: if
 * something cannot be read, the result says why.
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

/** Makes the names safe for sentences and records. */
const shown = (found: readonly Finding[] | null): readonly Finding[] | null =>
  found?.map((one) => ({ ...one, path: showName(one.path) })) ?? null;

/** Maximum number of file names recorded with an iteration. */
const MOST_NAMED = 1_000;

/**
 * Records the files that were written since the iteration began and that no tree contains, because git ignores them or
 * Weld leaves them out.
 */
export async function noteIgnored(it: Iteration): Promise<void> {
  const { op, config, signal, step } = it.work;
  const { began_at_ms: began, left_out: leftOut } = it.progress;
  if (began === undefined || config.gate.ignored === 'off') return;
  const since = began - CLOCK_STEP_MS;
  try {
    const ignored = await op.project.git.ignoredSince(since, signal);
    if (!ignored.all)
      op.project.log.warn(
        `step ${step.n}, iteration ${it.n}: there are more ignored files than Weld checks; some that were ` +
          'written may not be reported',
      );
    const changed = await Promise.all(
      leftOut.map(async ({ path }) => {
        const stat = await fs.lstat(onDisk(op.project.top, path)).catch(() => null);
        return stat && stat.ctimeMs >= since ? [path] : [];
      }),
    );
    it.progress = { ...it.progress, ignored: [...new Set([...ignored.files, ...changed.flat()])].slice(0, MOST_NAMED) };
  } catch (error) {
    signal.throwIfAborted();
    op.project.log.warn(`step ${step.n}, iteration ${it.n}: ignored files could not be checked: ${reason(error)}`);
  }
}

/** The input of all conditions. It comes from git's objects and from records of the step, never from the work tree. */
export interface ConditionsInput extends ProtectedInput {
  readonly changes: readonly FileChange[];
  readonly step: StepText;
  /** Paths of ignored or left-out files that guests wrote. */
  readonly ignored: readonly string[];
}

/** Evaluates one condition. @returns its findings; null if it has nothing to judge by */
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
        .map((path) => finding('ignored', path, 'was written, and no diff shows it'));
  }
}
