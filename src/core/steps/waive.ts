import {
  type ConditionWaiver,
  type Issue,
  type IssuesFile,
  IssuesFileSchema,
  type Status,
  StatusSchema,
  StepProgressSchema,
} from '../artifacts/schemas';
import { parseRecord, readRecord, readText, recordText, removeFile, writeRecord, writeText } from '../artifacts/store';
import { checkCommands } from '../checks';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { CHECKS, failedBefore, failingIn, knownFailures } from './conditions/baseline';
import { conditionsOf } from './conditions/decide';
import { CONDITION_NAMES } from './conditions/finding';
import { digestOf, recall } from './memory';
import { gateConfigDigest } from './opened';
import { iterationNumbers, readProgress } from './progress';
import { type SelectedStep, selectedStep } from './resolve';
import type { StepRequest } from './results';
import { writeStatus } from './status';
import { epochOf } from './work';

export interface WaiveRequest extends StepRequest {
  /**
   * An issue's id, or a condition of the gate that found something: `tests`, `scope`, `protected`, `ignored`;
   * `checks_passed` accepts failures as known.
   */
  readonly issue: string;
  /** Why it may stay; empty with `undo`. */
  readonly reason: string;
  /** Left out: the latest iteration that has the issue. */
  readonly iteration?: number | undefined;
  readonly undo?: boolean | undefined;
}

/**
 * Records that a person accepts an issue or what a condition found, or takes that back, and lets the gate of that
 * iteration decide anew.
 * @throws WeldError `ISSUE_NOT_FOUND`, `INVALID_ARGUMENT` without a reason
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
  const configured = checkCommands(config).map((check) => check.category);
  const { iteration, file, digest: found } = await find(step, request);
  const progress = await readProgress(step, iteration);
  if (!progress)
    throw new WeldError(
      'ITERATION_NOT_FOUND',
      `Iteration ${iteration} was made by another Weld and cannot be judged anew; run the step again.`,
    );
  const paths = step.paths.iteration(iteration);
  const sealed = step.seals.whole(iteration)?.progress ?? null;
  if (sealed && found !== sealed.digests['issues.json'])
    throw new WeldError(
      'VIOLATION',
      `${paths.issues} is not as Weld wrote it, so that nothing of it can be waived; run the step again.`,
    );
  const waived = request.undo ? null : { reason: why, at: op.project.now().toISOString() };
  const issues = isCondition(request.issue)
    ? {
        ...file,
        waived_conditions: await conditionWaivers(step, iteration, file, { condition: request.issue, waived }),
      }
    : {
        ...file,
        issues: file.issues.map((issue): Issue => (issue.id === request.issue ? { ...issue, waived } : issue)),
      };
  const { memory } = await recall(paths, progress, true);
  const complete = progress.done.includes('verdict');
  const text = recordText(IssuesFileSchema, issues);
  await writeText(op.lock, paths.issues, text);
  const { status, digest } = await writeStatus(op, {
    paths,
    progress,
    memory: { ...memory, issues },
    base: step.base,
    complete,
    configuredChecks: configured,
    failOnBlockersOnly: config.loop.fail_on_blockers_only,
    conditions: await conditionsOf(op.project.git, config, step, progress, issues.waived_conditions ?? []),
    failedBefore: await failedBefore(op.project, step.run, step.base, failingIn(memory.checks)),
    known: [...(await knownFailures(op.project, step.run)), ...(issues.waived_conditions ?? [])].filter(
      ({ condition }) => condition === CHECKS,
    ),
  });
  if (sealed) {
    const next = {
      ...progress,
      digests: { ...progress.digests, 'issues.json': digestOf(text), 'status.json': digest },
    };
    const outcome = complete
      ? {
          pass: status.pass,
          tree: progress.tree ?? null,
          base: step.base,
          config: gateConfigDigest(config),
          gate: status.gate ?? [],
        }
      : undefined;
    await writeRecord(op.lock, paths.progress, StepProgressSchema, next);
    await step.seals.seal(op.lock, iteration, {
      phase: 'waive',
      at: op.project.now().toISOString(),
      epoch: epochOf(op),
      digests: next.digests,
      progress: next,
      outcome,
    });
  }
  const latest = (await iterationNumbers(step)).at(-1);
  if (iteration === latest)
    await (status.pass
      ? writeText(op.lock, step.paths.completed, `iteration ${iteration}\n`)
      : removeFile(op.lock, step.paths.completed));
  return { iteration, pass: status.pass, status };
}

/** The conditions of `[gate]`, and the checks, whose failures are accepted as known. */
const isCondition = (issue: string): boolean => issue === CHECKS || CONDITION_NAMES.some((name) => name === issue);

interface WaivedCondition {
  readonly condition: string;
  /** Null takes it back. */
  readonly waived: { readonly reason: string; readonly at: string } | null;
}

/** @throws WeldError `ISSUE_NOT_FOUND` when the condition found nothing in that iteration */
async function conditionWaivers(
  step: SelectedStep,
  iteration: number,
  file: IssuesFile,
  { condition, waived }: WaivedCondition,
): Promise<ConditionWaiver[]> {
  const others = (file.waived_conditions ?? []).filter((waiver) => waiver.condition !== condition);
  if (!waived) return others;
  const gate =
    step.seals.whole(iteration)?.outcome?.gate ??
    (await readRecord(step.paths.iteration(iteration).status, StatusSchema))?.gate ??
    [];
  const keys = gate.find((each) => each.condition === condition)?.found?.map(({ key }) => key) ?? [];
  if (keys.length === 0)
    throw new WeldError(
      'ISSUE_NOT_FOUND',
      `The condition "${condition}" of step ${step.n} has found nothing in iteration ${iteration} that could be ` +
        'waived; refresh the view and choose again.',
    );
  return [...others, { condition, keys, ...waived }];
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
