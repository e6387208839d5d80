import {
  type ConditionWaiver,
  type Issue,
  type IssuesFile,
  IssuesFileSchema,
  type Status,
  StatusSchema,
  StepProgressSchema,
} from '../artifacts/schemas';
import { parseRecord, readRecord, readText, recordText, writeRecord, writeText } from '../artifacts/store';
import { checkCommands } from '../checks';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { failedBefore, failingIn, knownFailures } from './conditions/baseline';
import { conditionsOf } from './conditions/decideConditions';
import { CONDITION_NAMES } from './conditions/finding';
import { CHECKS } from './conditions/judgeCondition';
import type { EvidenceSource, GivenConditions } from './evidence';
import { digestOf, recall } from './memory';
import { type SelectedStep, selectedStep } from './resolveStep';
import type { StepRequest } from './results';
import { isDone, iterationNumbers, readProgress } from './stepProgress';
import { noteCompleted, outcomeOf, writeStatus } from './stepStatus';
import { epochOf } from './work';

export interface WaiveRequest extends StepRequest {
  /**
   * An issue's id, or a condition of the gate that found something: `tests`, `scope`, `protected`, `ignored`.
   * `checks_passed` accepts failed checks as known.
   */
  readonly issue: string;
  /** Why the issue may stay; empty with `undo`. */
  readonly reason: string;
  /** Omitted: the latest iteration that has the issue. */
  readonly iteration?: number | undefined;
  readonly undo?: boolean | undefined;
}

/**
 * Records that a person accepts an issue or the findings of a condition, or removes that waiver, and judges the
 * iteration again.
 * @throws WeldError `ISSUE_NOT_FOUND`, `ITERATION_NOT_FOUND`, `VIOLATION`, `INVALID_ARGUMENT` without a reason
 */
export async function waiveIssue(
  op: Operation,
  request: WaiveRequest,
): Promise<{ readonly iteration: number; readonly pass: boolean; readonly status: Status }> {
  const step = await selectedStep(op.project, request.run, request.step);
  const why = request.reason.trim();
  if (why === '' && !request.undo)
    throw new WeldError('INVALID_ARGUMENT', 'Say why the issue may stay; the reason is kept with the run.');
  const { config } = await op.project.config();
  checkCommands(config);
  const { iteration, file, digest: found } = await find(step, request);
  const progress = await readProgress(step, iteration);
  if (!progress)
    throw new WeldError(
      'ITERATION_NOT_FOUND',
      `Iteration ${iteration} was made by another Weld and cannot be judged again; run the step again.`,
    );
  const paths = step.paths.iteration(iteration);
  const sealed = step.seals.whole(iteration)?.progress ?? null;
  if (sealed && found !== sealed.digests['issues.json'])
    throw new WeldError(
      'VIOLATION',
      `${paths.issues} is not as Weld wrote it, so none of its issues can be waived; run the step again.`,
    );
  const waived = request.undo ? null : { reason: why, at: op.project.now().toISOString() };
  const issues = await withWaiver(step, iteration, file, { id: request.issue, waived });
  const { memory } = await recall(paths, progress, true);
  const text = recordText(IssuesFileSchema, issues);
  await writeText(op.lock, paths.issues, text);
  const source: EvidenceSource = { paths, progress, memory: { ...memory, issues }, base: step.base, config };
  const complete = isDone(progress, 'verdict');
  const given = await conditionsWith(op, step, source, issues.waived_conditions ?? []);
  const { status, digest } = await writeStatus(op, { ...source, ...given, complete });
  if (sealed) {
    const digests = { ...progress.digests, 'issues.json': digestOf(text), 'status.json': digest };
    const next = { ...progress, digests };
    await writeRecord(op.lock, paths.progress, StepProgressSchema, next);
    await step.seals.seal(op.lock, iteration, {
      phase: 'waive',
      at: op.project.now().toISOString(),
      epoch: epochOf(op),
      digests,
      progress: next,
      outcome: complete ? outcomeOf(status, source) : undefined,
    });
  }
  if (iteration === (await iterationNumbers(step)).at(-1))
    await noteCompleted(op.lock, step.paths, iteration, status.pass);
  return { iteration, pass: status.pass, status };
}

/** The current findings of an iteration's conditions, and those that a person accepted. */
async function conditionsWith(
  { project }: Operation,
  step: SelectedStep,
  { config, progress, memory }: EvidenceSource,
  waivers: readonly ConditionWaiver[],
): Promise<GivenConditions> {
  return {
    conditions: await conditionsOf(project.git, config, step, progress, waivers),
    failedBefore: await failedBefore(project, step.run, step.base, failingIn(memory.checks)),
    known: [...(await knownFailures(project, step.run)), ...waivers].filter(({ condition }) => condition === CHECKS),
  };
}

/** The conditions of `[gate]`, and the checks, whose failures can be accepted as known. */
const isCondition = (issue: string): boolean => issue === CHECKS || CONDITION_NAMES.some((name) => name === issue);

interface Waiver {
  /** An issue's id or the name of a condition, as in the request. */
  readonly id: string;
  /** Null removes the waiver. */
  readonly waived: { readonly reason: string; readonly at: string } | null;
}

/** @throws WeldError `ISSUE_NOT_FOUND` if the condition found nothing in that iteration */
async function withWaiver(
  step: SelectedStep,
  iteration: number,
  file: IssuesFile,
  { id, waived }: Waiver,
): Promise<IssuesFile> {
  if (!isCondition(id))
    return { ...file, issues: file.issues.map((issue): Issue => (issue.id === id ? { ...issue, waived } : issue)) };
  const others = (file.waived_conditions ?? []).filter((waiver) => waiver.condition !== id);
  if (!waived) return { ...file, waived_conditions: others };
  const gate =
    step.seals.whole(iteration)?.outcome?.gate ??
    (await readRecord(step.paths.iteration(iteration).status, StatusSchema))?.gate ??
    [];
  const keys = gate.find((each) => each.condition === id)?.found?.map(({ key }) => key) ?? [];
  if (keys.length === 0)
    throw new WeldError(
      'ISSUE_NOT_FOUND',
      `The condition "${id}" of step ${step.n} has found nothing in iteration ${iteration} that could be ` +
        'waived; refresh the view and choose again.',
    );
  return { ...file, waived_conditions: [...others, { condition: id, keys, ...waived }] };
}

async function find(
  step: SelectedStep,
  request: WaiveRequest,
): Promise<{ iteration: number; file: IssuesFile; digest: string }> {
  const numbers = request.iteration === undefined ? (await iterationNumbers(step)).reverse() : [request.iteration];
  for (const iteration of numbers) {
    const name = step.paths.iteration(iteration).issues;
    const text = await readText(name);
    if (text === null) continue;
    const file = parseRecord(name, text, IssuesFileSchema);
    if (isCondition(request.issue) || file.issues.some((issue) => issue.id === request.issue))
      return { iteration, file, digest: digestOf(text) };
  }
  throw new WeldError(
    'ISSUE_NOT_FOUND',
    `Step ${step.n} has no issue ${request.issue.slice(0, 40)}; refresh the view and choose again.`,
  );
}
