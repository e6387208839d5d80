import type { ConditionWaiver, IssuesFile, StepProgress } from '../../artifacts/schemas';
import type { Config } from '../../config/schema';
import type { Git } from '../../git/git';
import { type GivenConditions, gatherEvidence } from '../evidence';
import { judge } from '../gate';
import type { SelectedStep } from '../resolveStep';
import type { Iteration } from '../work';
import { failedBefore, failingIn, knownFailures } from './baseline';
import { awaitsPerson, earlierWaivers } from './judgeCondition';
import { lookAtConditions } from './lookAtConditions';

/** Evaluates the conditions of `[gate]` for an iteration. @param waivers the person's waivers, the latest last */
export async function conditionsOf(
  git: Pick<Git, 'changedTexts' | 'texts'>,
  config: Config,
  step: Pick<SelectedStep, 'record' | 'base'>,
  progress: StepProgress,
  waivers: readonly ConditionWaiver[],
): Promise<GivenConditions['conditions']> {
  const looked = await lookAtConditions({
    git,
    config,
    record: step.record,
    base: step.base,
    tree: progress.tree ?? null,
    ignored: progress.ignored,
  });
  return looked.map((each) => ({ ...each, waivers }));
}

/**
 * Evaluates the conditions of `[gate]` at the end of an iteration. If nothing else keeps the gate shut, it asks the
 * person to allow the findings of conditions set to `ask`. Without a person the gate stays shut; a person can still
 * waive the findings later.
 * @returns the gate's input, and the verdict's record with the person's waivers
 */
export async function decideConditions(
  it: Iteration,
  verdict: IssuesFile,
): Promise<{ readonly given: GivenConditions; readonly record: IssuesFile }> {
  const { work, progress, paths } = it;
  const { op, step, config } = work;
  const earlier = await earlierWaivers(step, it.n);
  const known = await knownFailures(op.project, step.run);
  const given = {
    conditions: await conditionsOf(op.project.git, config, step, progress, earlier),
    known,
    failedBefore: await failedBefore(op.project, step.run, step.base, failingIn(it.memory.checks)),
  };
  const record: IssuesFile = earlier.length === 0 ? verdict : { ...verdict, waived_conditions: [...earlier] };
  const { gate } = judge(
    await gatherEvidence({
      paths,
      progress,
      memory: { ...it.memory, issues: record },
      base: step.base,
      config,
      ...given,
    }),
  );
  const open = gate.filter(({ ok }) => !ok);
  if (!awaitsPerson({ gate: [...gate] }) || op.person?.allow === undefined) return { given, record };
  const answer = await op.person.allow({
    title: `Step ${step.n} would pass, but a person has to allow something`,
    details: open.map(({ why }) => why),
    signal: work.signal,
  });
  if (answer === null) return { given, record };
  if (!answer.allowed)
    return {
      given: { ...given, conditions: given.conditions.map((each) => ({ ...each, refused: answer.reason })) },
      record,
    };
  const at = op.project.now().toISOString();
  const waivers = [
    ...earlier,
    ...open.map(({ condition, found }) => ({
      condition,
      keys: (found ?? []).map(({ key }) => key),
      reason: answer.reason,
      at,
    })),
  ];
  return {
    given: { ...given, conditions: given.conditions.map((each) => ({ ...each, waivers })) },
    record: { ...record, waived_conditions: waivers },
  };
}
