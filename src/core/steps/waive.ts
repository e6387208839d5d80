import { IssuesFileSchema, type Issue, type Status } from '../artifacts/schemas';
import { readRecord, removeFile, writeRecord, writeText } from '../artifacts/store';
import { WeldError } from '../errors';
import type { Operation } from '../project';
import { checkCommands } from '../checks';
import { iterationNumbers, readProgress } from './progress';
import { selectedStep, type SelectedStep } from './resolve';
import { writeStatus } from './status';
import type { StepRequest } from './types';

export interface WaiveRequest extends StepRequest {
  readonly issue: string;
  /** Why it may stay; empty with `undo`. */
  readonly reason: string;
  /** Left out: the latest iteration that has the issue. */
  readonly iteration?: number | undefined;
  readonly undo?: boolean | undefined;
}

/**
 * Records that a person accepts an issue, or takes that back, and lets the gate of that iteration decide anew.
 * @throws WeldError `ISSUE_NOT_FOUND`, `INVALID_ARGUMENT` without a reason
 */
export async function waiveIssue(op: Operation, request: WaiveRequest): Promise<{ readonly iteration: number; readonly pass: boolean; readonly status: Status }> {
  const step = await selectedStep(op.project, request.run, request.step);
  const why = request.reason.trim();
  if (why === '' && !request.undo) throw new WeldError('INVALID_ARGUMENT', 'Say why the issue may stay; the reason is kept with the run.');
  const { config } = await op.project.config();
  const configured = checkCommands(config).map((check) => check.category);
  const { iteration, file } = await find(step, request);
  const progress = await readProgress(step.paths, iteration);
  if (!progress) throw new WeldError('ITERATION_NOT_FOUND', `Iteration ${iteration} was made by another Weld and cannot be judged anew; run the step again.`);
  const paths = step.paths.iteration(iteration);
  const waived = request.undo ? null : { reason: why, at: op.project.now().toISOString() };
  const issues = file.issues.map((issue): Issue => (issue.id === request.issue ? { ...issue, waived } : issue));
  await writeRecord(op.lock, paths.issues, IssuesFileSchema, { ...file, issues });
  const status = await writeStatus(op, {
    paths, progress, base: step.base, complete: progress.done.includes('verdict'),
    configuredChecks: configured, failOnBlockersOnly: config.loop.fail_on_blockers_only,
  });
  const latest = (await iterationNumbers(step.paths)).at(-1);
  if (iteration === latest) await (status.pass ? writeText(op.lock, step.paths.completed, `iteration ${iteration}\n`) : removeFile(op.lock, step.paths.completed));
  return { iteration, pass: status.pass, status };
}

async function find(step: SelectedStep, request: WaiveRequest): Promise<{ iteration: number; file: NonNullable<Awaited<ReturnType<typeof readIssues>>> }> {
  const numbers = request.iteration === undefined ? (await iterationNumbers(step.paths)).reverse() : [request.iteration];
  for (const iteration of numbers) {
    const file = await readIssues(step, iteration);
    if (file?.issues.some((issue) => issue.id === request.issue)) return { iteration, file };
  }
  throw new WeldError('ISSUE_NOT_FOUND', `Step ${step.n} has no issue ${request.issue.slice(0, 40)}; refresh the view and choose again.`);
}

function readIssues(step: SelectedStep, iteration: number) {
  return readRecord(step.paths.iteration(iteration).issues, IssuesFileSchema);
}
