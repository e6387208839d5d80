import { ChecksSummarySchema, type Status, type StepProgress } from '../artifacts/schemas';
import { readRecord } from '../artifacts/store';
import { checkCommands } from '../checks';
import type { Task } from '../config/providers';
import type { Config } from '../config/schema';
import { leftOutPaths, type Oid } from '../git/git';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { listed } from '../util/text';
import { needAgent } from './askAgent';
import { failingIn } from './conditions/baseline';
import { awaitsPerson } from './conditions/judgeCondition';
import { issuesOf } from './feedback';
import { asError, type Stopped, stopOf } from './loopStop';
import { firstTask } from './phases/implement';
import { type SelectedStep, selectedStep } from './resolveStep';
import type { LoopRequest, LoopResult } from './results';
import { refresh, runPhases } from './runPhases';
import { readIteration } from './state/iteration';
import {
  isAway,
  isDone,
  iterationNumbers,
  predecessors,
  readProgress,
  readRestored,
  type SealedStep,
} from './stepProgress';
import { sourceOf, writeStatus } from './stepStatus';
import { open } from './verdict/issues';
import { alive, beginWork, type Iteration, openIteration, save, saveTiming, type Work } from './work';

/** Waits that tests shorten. */
export interface LoopTuning {
  /** First wait after a rate limit without a reported delay, in ms. */
  readonly backoffMs?: number;
}

/**
 * Works on a step until its gate opens or there is a reason to stop.
 * @returns a result in every case once anything has been written
 * @throws WeldError only before that: `STEP_NOT_SELECTED`, `NEEDS_PERSON`, `CONFIG_INVALID`, `INVALID_ARGUMENT`,
 * `CANCELLED`, `LOCK_LOST` …
 */
export async function runLoop(op: Operation, request: LoopRequest, tuning: LoopTuning = {}): Promise<LoopResult> {
  const step = await selectedStep(op.project, request.run, request.step);
  const { config } = await op.project.config();
  const most = iterationsAllowed(request, config);
  checkCommands(config);
  const start = await whereToStart(op, step, request.resume ?? false);
  if (start.passed)
    return {
      passed: true,
      iterations: start.iteration,
      reason: 'passed',
      message: `Step ${step.n} has passed already, in iteration ${start.iteration}.`,
    };

  const time = timeBudget(op, config.loop.max_minutes);
  const fresh = { first: start.iteration, last: start.iteration + most - 1 };
  const range = request.maxIterations === undefined ? (start.begun ?? fresh) : fresh;
  const work = await beginWork(op, step, config, request, {
    signal: AbortSignal.any([op.signal, op.lock.signal, time.signal]),
    title: (n) => `step ${step.n}, iteration ${n} of ${range.last}`,
    ...(tuning.backoffMs !== undefined && { backoffMs: tuning.backoffMs }),
    loop: range,
    deadline: time.deadline,
  });
  let it: Iteration | undefined;
  try {
    alive(work);
    for (const task of await tasksAhead(work, start.iteration))
      await needAgent(op, task, 'run it from the editor', config);
    for (let n = start.iteration; ; n++) {
      it = await openIteration(work, n);
      if (n === start.iteration && start.resume) await refresh(it);
      await runPhases(it, 'verdict');
      const reached = await reasonToStop(it, range);
      if (reached) return end(work, it, reached);
    }
  } catch (error) {
    return await interrupted(work, it ?? { n: start.iteration }, error, time.signal.aborted);
  } finally {
    time.clear();
  }
}

/**
 * Maximum number of iterations in this call.
 * @throws WeldError `INVALID_ARGUMENT`
 */
function iterationsAllowed(request: LoopRequest, config: Config): number {
  const most = request.maxIterations ?? config.loop.max_iterations;
  if (Number.isSafeInteger(most) && most >= 1) return most;
  throw new WeldError('INVALID_ARGUMENT', 'The number of iterations has to be a whole number from 1.');
}

/** Why the loop ends after a judged iteration; null if another one follows. */
async function reasonToStop(it: Iteration, range: NonNullable<StepProgress['loop']>): Promise<Stopped | null> {
  const { n, status, progress } = it;
  const { step } = it.work;
  if (progress.violations.length > 0) return { reason: 'violation', message: progress.violations.join(' ') };
  if (status?.pass) return { reason: 'passed', message: `Step ${step.n} passed in iteration ${n}.` };
  if (status && awaitsPerson(status))
    return {
      reason: 'needs_person',
      message: `Step ${step.n} would pass, but a person has to allow something: ${firstFailure(status)}.`,
    };
  const tried = n - range.first + 1;
  if (n >= range.last)
    return {
      reason: 'max_iterations',
      message:
        `Step ${step.n} has not passed after ${tried} iteration${tried === 1 ? '' : 's'}: ` +
        `${firstFailure(status)}.`,
    };
  const stuck = await noProgress(step, n);
  return stuck === null ? null : { reason: 'no_progress', message: `Step ${step.n} makes no progress: ${stuck}.` };
}

/**
 * The result of a loop that an error ended.
 * @throws that error if nothing has been written yet
 */
async function interrupted(
  work: Work,
  at: Iteration | { readonly n: number },
  error: unknown,
  outOfTime: boolean,
): Promise<LoopResult> {
  const { op, step } = work;
  const stop = stopOf(error, {
    lost: op.lock.signal.aborted ? (op.lock.signal.reason as Error) : null,
    cancelled: op.signal.aborted,
    outOfTime,
  });
  if (!work.wrote) throw asError(error);
  op.project.log.warn(`step ${step.n}: ${stop.reason}: ${stop.message}`);
  if ('work' in at && stop.reason !== 'lock_lost') await explain(at, stop);
  return end(work, at, stop);
}

interface Start {
  readonly iteration: number;
  readonly resume: boolean;
  readonly passed: boolean;
  /** The range of iterations of an interrupted loop, if any of them are left. */
  readonly begun?: StepProgress['loop'];
}

/** A resumed loop continues the last iteration if it is unfinished; every other loop begins a new one. */
async function whereToStart(
  op: Operation,
  step: SelectedStep,
  resume: NonNullable<LoopRequest['resume']>,
): Promise<Start> {
  const latest = (await iterationNumbers(step)).at(-1) ?? 0;
  if (resume === false || latest === 0) return { iteration: latest + 1, resume: false, passed: false };
  const progress = await readProgress(step, latest);
  if (progress && !isDone(progress, 'verdict'))
    return { iteration: latest, resume: true, passed: false, begun: remainingRange(progress, latest) };
  if (resume === 'unfinished') return { iteration: latest + 1, resume: false, passed: false };
  const { state } = await readIteration(step, latest);
  if (state === 'passed' && !isAway(await readRestored(step.paths), latest))
    return { iteration: latest, resume: false, passed: true };
  return {
    iteration: latest + 1,
    resume: false,
    passed: false,
    begun: progress ? remainingRange(progress, latest + 1) : undefined,
  };
}

function remainingRange({ loop }: StepProgress, next: number): StepProgress['loop'] {
  return loop && next <= loop.last ? loop : undefined;
}

/** The tasks for which an iteration will certainly need an agent. */
async function tasksAhead(work: Work, iteration: number): Promise<Task[]> {
  const progress = await readProgress(work.step, iteration).catch(() => null);
  return [
    ...(progress && isDone(progress, 'implement') ? [] : [await firstTask(work, iteration)]),
    ...(progress && isDone(progress, 'review') ? [] : ['implementation_review' as const]),
  ];
}

/**
 * After a stop in the middle of an iteration: saves its cost so far. After a failure also writes a status that says
 * which conditions of the gate do not hold.
 */
async function explain(it: Iteration, { reason: why, message }: Stopped): Promise<void> {
  const { op, step } = it.work;
  try {
    const begun = await readProgress(step, it.n);
    const failed = why === 'agent_failed' || why === 'violation';
    if (!failed && (!begun || isDone(begun, 'verdict'))) return;
    await saveTiming(it);
    if (!failed) return;
    const { violations } = it.progress;
    const { digest } = await writeStatus(op, {
      ...sourceOf(it),
      complete: false,
      progress: {
        ...it.progress,
        violations: why === 'violation' ? [...new Set([...violations, message])] : violations,
      },
    });
    // A call that no phase saved does not count as an attempt.
    await save(it, { digests: { ...it.progress.digests, 'status.json': digest }, calls: begun?.calls ?? {} });
  } catch (error) {
    op.project.log.error(`step ${step.n}: how iteration ${it.n} stopped could not be written`, error);
  }
}

function timeBudget(
  op: Operation,
  minutes: number | undefined,
): { readonly signal: AbortSignal; readonly deadline: number | undefined; readonly clear: () => void } {
  const abort = new AbortController();
  if (minutes === undefined) return { signal: abort.signal, deadline: undefined, clear: () => undefined };
  // A timer is limited to 2^31 - 1 ms; larger budgets are cut to that.
  const ms = Math.min(minutes * 60_000, 2 ** 31 - 1);
  const timer = setTimeout(() => {
    abort.abort();
  }, ms);
  return {
    signal: abort.signal,
    deadline: op.project.now().getTime() + ms,
    clear: () => {
      clearTimeout(timer);
    },
  };
}

function end(
  work: Work,
  at: { readonly n: number; readonly progress?: StepProgress },
  { reason, message: said, failure }: Stopped,
): LoopResult {
  const denied = [...work.denials];
  const message = denied.length === 0 ? said : `${said} The agents were not allowed: ${listed(denied, 3, '; ')}.`;
  if (reason !== 'lock_lost') work.op.report({ message });
  return {
    passed: reason === 'passed',
    iterations: at.n,
    reason,
    message,
    ...leftOutPaths(at.progress?.left_out ?? []),
    ...(failure && { failure }),
  };
}

function firstFailure(status: Status | null): string {
  const failing = status?.gate?.find((condition) => !condition.ok);
  return failing ? failing.why : 'its status is missing';
}

/**
 * Compares an iteration with its predecessor.
 * @returns why continuing is pointless, or null
 */
async function noProgress(step: SealedStep, iteration: number): Promise<string | null> {
  const [previous] = await predecessors(step, iteration);
  if (previous === undefined) return null;
  const [before, now] = [await traits(step, previous), await traits(step, iteration)];
  if (now.tree !== null && now.tree === before.tree)
    return `iterations ${previous} and ${iteration} left the same files`;
  if (now.issues !== '' && now.issues === before.issues && now.failedChecks === before.failedChecks)
    return `iterations ${previous} and ${iteration} have the same issues`;
  return null;
}

/** What shows progress. It includes failed checks: the same issues with fewer failing checks are progress. */
async function traits(
  step: SealedStep,
  iteration: number,
): Promise<{ tree: Oid | null; issues: string; failedChecks: string }> {
  const it = step.paths.iteration(iteration);
  const progress = await readProgress(step, iteration).catch(() => null);
  const issues = await issuesOf(step, iteration);
  const checks = await readRecord(it.checksSummary, ChecksSummarySchema).catch(() => null);
  return {
    tree: progress?.tree ?? null,
    issues: open(issues)
      .map((issue) => issue.id ?? '')
      .sort()
      .join(' '),
    failedChecks: [...failingIn(checks)].sort().join(' '),
  };
}
