import type { AgentFailure } from '../agents/agent';
import type { RunId } from '../artifacts/runIds';
import type { Oid } from '../git/git';
import type { Operation } from '../project';
import { type Stopped, stopOf } from '../steps/loopStop';
import type { LeavesOut, ReadsTree, StopReason } from '../steps/results';
import { type LoopTuning, runLoop } from '../steps/runLoop';
import { selectStep } from '../steps/select';
import { isThrough, isUnproven, type StepState } from '../steps/state/states';
import { reason, WeldError } from '../util/errors';
import { listed, plural } from '../util/text';
import { commitRun } from './commitRun';
import { type RunDetails, readRun } from './listRuns';

export interface RunStepsRequest extends ReadsTree {
  readonly run: RunId;
  /** Commits each step as soon as it has passed, with its title as the message. */
  readonly commitEach?: boolean | undefined;
  /** Number of the last step to work on. Default: the last step of the plan. */
  readonly until?: number | undefined;
  /** As for a loop; default: true, so that an unfinished iteration continues. */
  readonly resume?: boolean | 'unfinished' | undefined;
}

/** `commit_failed`: git or a hook refused the commit. `damaged`: a file of the step cannot be read. */
export type StepsStopReason = StopReason | 'commit_failed' | 'damaged';

export interface RunStepsResult extends LeavesOut {
  /** The steps that passed in this call. */
  readonly passed: readonly number[];
  /** The commits of this call, oldest first. */
  readonly committed: readonly Oid[];
  /** Number of the step that did not pass; absent when all did. */
  readonly stoppedAt?: number;
  readonly reason: StepsStopReason;
  /** One sentence for the person. */
  readonly message: string;
  readonly failure?: AgentFailure;
}

/**
 * Works through the steps that are left, in the order of the plan, until one does not pass. Everything is decided from
 * the disk before each step, so a later call continues after a crash between any two writes.
 * @throws WeldError `NO_PLAN`, `STEP_NOT_FOUND`, and before the first step has passed what `runLoop` throws
 */
export async function runSteps(
  op: Operation,
  request: RunStepsRequest,
  tuning: LoopTuning = {},
): Promise<RunStepsResult> {
  const done = new Progress();
  for (;;) {
    const run = await readRun(op.project, request.run);
    const next = nextPiece(run, request, done);
    if (next === null) return done.end({ reason: 'passed', message: 'All of them have passed.' });
    if (next.stop) return done.end(next.stop, next.step.n);
    try {
      const stopped = next.commit
        ? await commitStep(op, request, next.step, done)
        : await workOn(op, request, next.step, done, tuning);
      if (stopped) return done.end(stopped, next.step.n);
    } catch (error) {
      if (!done.begun) throw error;
      return done.end(stoppedBy(op, error), next.step.n);
    }
  }
}

/** What happened in this call so far. */
class Progress {
  readonly passed: number[] = [];
  readonly committed: Oid[] = [];
  /** Steps with nothing to commit, because a person committed their changes already. */
  readonly settled = new Set<number>();
  readonly tried = new Set<number>();
  private readonly leftOut = new Set<string>();

  get begun(): boolean {
    return this.passed.length > 0 || this.committed.length > 0;
  }

  leaveOut({ leftOut = [] }: LeavesOut): void {
    for (const file of leftOut) this.leftOut.add(file);
  }

  end({ reason, message, failure }: StepsStop, stoppedAt?: number): RunStepsResult {
    const { passed, committed } = this;
    const which = passed.length > 0 ? `${plural('Step', passed.length)} ${listed(passed.map(String), 8)} passed. ` : '';
    return {
      passed,
      committed,
      ...(stoppedAt !== undefined && { stoppedAt }),
      reason,
      message: stoppedAt === undefined && which !== '' ? which.trim() : which + message,
      ...(failure && { failure }),
      ...(this.leftOut.size > 0 && { leftOut: [...this.leftOut] }),
    };
  }
}

type StepsStop = Omit<Stopped, 'reason'> & { readonly reason: StepsStopReason };

interface Piece {
  readonly step: StepState;
  readonly commit: boolean;
  readonly stop?: StepsStop;
}

/** @returns null when no step is left */
function nextPiece(run: RunDetails, { commitEach = false, until }: RunStepsRequest, done: Progress): Piece | null {
  if (!run.plan) throw new WeldError('NO_PLAN', 'This run has no plan yet; generate or import one first.');
  const planned = run.steps.filter((step) => step.line !== null);
  if (until !== undefined && planned.every((step) => step.n !== until))
    throw new WeldError('STEP_NOT_FOUND', `The current plan has no step ${until}; choose one of its steps.`);
  for (const step of planned) {
    if (until !== undefined && step.n > until) return null;
    if (step.state === 'passed' && commitEach && !done.settled.has(step.n)) return { step, commit: true };
    if (isThrough(step.state)) continue;
    const stop = obstacle(step, done);
    return { step, commit: false, ...(stop && { stop }) };
  }
  return null;
}

/** Why a step cannot be worked on without a person. */
function obstacle({ n, state, why }: StepState, { tried }: Progress): StepsStop | undefined {
  if (state === 'damaged') return { reason: 'damaged', message: why ?? `A file of step ${n} is damaged.` };
  if (isUnproven(state)) return { reason: 'needs_person', message: `Step ${n}: ${why ?? 'its pass does not count.'}` };
  if (tried.has(n))
    return { reason: 'violation', message: `Step ${n} passed, but its files say otherwise: ${why ?? state}.` };
  return undefined;
}

/** @returns why to stop; undefined when the step has passed */
async function workOn(
  op: Operation,
  { run, resume = true, beforeReadingTree }: RunStepsRequest,
  { n, title }: StepState,
  done: Progress,
  tuning: LoopTuning,
): Promise<StepsStop | undefined> {
  op.report({ message: `step ${n}: ${title}`, step: n });
  done.tried.add(n);
  const at = { run, step: n, beforeReadingTree };
  done.leaveOut(await selectStep(op, at));
  const result = await runLoop(op, { ...at, resume }, tuning);
  done.leaveOut(result);
  if (!result.passed) return result;
  done.passed.push(n);
  return undefined;
}

/** @returns why to stop; undefined when the step is committed, or has nothing to commit */
async function commitStep(
  op: Operation,
  { run }: RunStepsRequest,
  { n, title }: StepState,
  done: Progress,
): Promise<StepsStop | undefined> {
  try {
    const { sha } = await commitRun(op, { runId: run, message: title, what: 'passed', steps: [n] });
    done.committed.push(sha);
    done.settled.add(n);
    return undefined;
  } catch (error) {
    if (error instanceof WeldError && error.code === 'NOTHING_TO_COMMIT') {
      done.settled.add(n);
      return undefined;
    }
    if (op.signal.aborted || op.lock.signal.aborted) throw error;
    return { reason: 'commit_failed', message: `Step ${n} passed and is not committed: ${reason(error)}` };
  }
}

function stoppedBy(op: Operation, error: unknown): Stopped {
  return stopOf(error, {
    lost: op.lock.signal.aborted ? (op.lock.signal.reason as Error) : null,
    cancelled: op.signal.aborted,
    outOfTime: false,
  });
}
