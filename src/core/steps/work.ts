import type { IterationPaths } from '../artifacts/paths';
import {
  PHASES,
  type Phase,
  type Status,
  type StepProgress,
  StepProgressSchema,
  type Timing,
  TimingSchema,
} from '../artifacts/schemas';
import type { Outcome } from '../artifacts/sealSchemas';
import { readRecord, writeRecord } from '../artifacts/store';
import type { Config } from '../config/schema';
import type { CapturedTree } from '../git/git';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { costOfRun } from './calls';
import { type Memory, nothing, recall } from './memory';
import { type Opened, openedFiles, readTrustedAgentFiles, type TrustedAgentFiles } from './opened';
import type { SelectedStep } from './resolveStep';
import type { ReadsTree } from './results';
import { completedCalls, FORMAT, iterationNumbers, readProgress } from './stepProgress';
import { moveForeignAside, tidy } from './tidy';

/** The state that the phases of one operation share. */
export interface Work {
  readonly op: Operation;
  readonly step: SelectedStep;
  readonly config: Config;
  /** Aborted by cancel, a lost lock or the end of the time budget. */
  readonly signal: AbortSignal;
  readonly hooks: ReadsTree;
  /** Completed agent calls by task, including those on disk. */
  readonly calls: Map<string, number>;
  /** Cost of the agents in this operation so far, in USD. */
  costUsd: number;
  /** Cost of the run before this operation, in USD; 0 unless the run has a limit. */
  readonly earlierUsd: number;
  /** The actions that the agents of this operation were denied. */
  readonly denials: Set<string>;
  /** Whether anything has been written. From then on the loop returns a result instead of throwing. */
  wrote: boolean;
  /** The title of an iteration for the person, such as "iteration 2 of 5". */
  readonly title: (iteration: number) => string;
  /** First wait after a rate limit without a reported delay, in ms. */
  readonly backoffMs: number;
  /** The trusted state of the files that configure agents. */
  readonly agentFiles: TrustedAgentFiles;
  /** The range of iterations of the loop, if this is a loop. */
  readonly loop: StepProgress['loop'];
  /** Time at which the time budget ends, in ms since 1970, if there is one. */
  readonly deadline: number | undefined;
  /** Digests of the files that a guest could weaken, taken when the operation began. */
  readonly opened: Opened;
  /** Sentences about what was found when the operation began, for the first status that it writes. */
  readonly found: string[];
}

/** The iteration being worked on. `progress` and `timing` match the disk after each phase. */
export interface Iteration {
  /** What its phases produced; an operation does not read it from disk again. */
  readonly memory: Memory;
  /** The gate's decision, once there is one. */
  status: Status | null;
  readonly work: Work;
  readonly n: number;
  readonly paths: IterationPaths;
  progress: StepProgress;
  timing: Timing;
  /** The work tree as just captured, while no guest has run since; saves a capture. */
  seen: CapturedTree | null;
  /** How an agent broke its limits, if one did. The iteration stops after that agent's phase. */
  violation: string | null;
  /** `performance.now()` when the current phase began. */
  phaseBegan: number;
}

export async function beginWork(
  op: Operation,
  selected: SelectedStep,
  config: Config,
  hooks: ReadsTree,
  more: Partial<Pick<Work, 'signal' | 'title' | 'backoffMs' | 'loop' | 'deadline'>> = {},
): Promise<Work> {
  const { step, found } = await tidy(op, selected);
  return {
    op,
    step,
    config,
    hooks,
    found,
    signal: more.signal ?? AbortSignal.any([op.signal, op.lock.signal]),
    calls: await completedCalls(step),
    costUsd: 0,
    earlierUsd: config.loop.max_total_cost_usd === undefined ? 0 : await costOfRun(op.project, step.run),
    denials: new Set(),
    wrote: false,
    title: more.title ?? ((n) => `iteration ${n}`),
    backoffMs: more.backoffMs ?? 30_000,
    agentFiles: await readTrustedAgentFiles(op, step),
    loop: more.loop,
    deadline: more.deadline,
    opened: await openedFiles(op.project, step),
  };
}

/**
 * Opens a new or unfinished iteration in memory; the first `save` writes it to disk. Phases of an unfinished one count
 * as done only if their files are as Weld wrote them.
 */
export async function openIteration(work: Work, n: number): Promise<Iteration> {
  const { step } = work;
  const paths = step.paths.iteration(n);
  // An iteration that somebody removed begins anew, even if it was sealed.
  const there = (await iterationNumbers(step)).includes(n);
  const sealed = there ? (step.seals.whole(n)?.progress ?? null) : null;
  if (!sealed) work.found.push(...(await moveForeignAside(work.op, step)));
  const [progress, timing] = [
    there ? await readProgress(step, n) : null,
    await readRecord(paths.timing, TimingSchema).catch(() => null),
  ];
  const fresh = StepProgressSchema.parse({
    iteration: n,
    done: [],
    began_at_ms: Date.now(),
    epoch: epochOf(work.op),
    updated_at: work.op.project.now().toISOString(),
  });
  const { memory, done, notices } = progress
    ? await recall(paths, progress, sealed !== null)
    : { memory: nothing(), done: [], notices: [] };
  for (const notice of notices) work.op.project.log.warn(`step ${step.n}, iteration ${n}: ${notice}`);
  const begun = progress ?? fresh;
  return {
    work,
    n,
    paths,
    memory,
    status: null,
    timing: timing ?? TimingSchema.parse({}),
    seen: null,
    violation: null,
    phaseBegan: performance.now(),
    progress: {
      ...begun,
      done: [...done],
      ...(work.loop && { loop: work.loop }),
      notices: [...begun.notices, ...work.found.splice(0), ...notices],
      ...(begun.review && !done.includes('review') && { review: { ...begun.review, ended: false } }),
    },
  };
}

/** The fencing token of this operation's writes. */
export function epochOf(op: Operation): number {
  return op.lock.record.epoch ?? 0;
}

const PHASE_TITLES: Readonly<Record<Phase, string>> = {
  implement: 'implement',
  diff: 'capture changes',
  checks: 'checks',
  review: 'review',
  verdict: 'verdict',
};

/**
 * Reports which phase begins.
 * @throws when the operation has ended, as `alive` does
 */
export function enter(it: Iteration, phase: Phase): void {
  const title = phase === 'implement' && it.n > 1 ? 'fix' : PHASE_TITLES[phase];
  it.work.op.report({ message: `${it.work.title(it.n)}: ${title}` });
  alive(it.work);
  it.phaseBegan = performance.now();
}

/** @throws if the operation was cancelled, ran out of time, or lost its lock */
export function alive(work: Work): void {
  if (work.signal.aborted) throw new WeldError('CANCELLED', 'The operation was stopped.');
  work.op.lock.assertHeld();
}

/**
 * Seals how far the iteration has come and writes `progress.json`. The seal comes first, because it outranks the file.
 * Only an outcome is sealed after the file is on disk.
 * @param finished the phase that is now done, if one is
 * @param outcome the gate's decision, after a verdict
 */
export async function save(
  it: Iteration,
  changes: Partial<StepProgress> = {},
  finished?: Phase,
  outcome?: Outcome,
): Promise<void> {
  const { op, step } = it.work;
  const before = changes.done ?? it.progress.done;
  const done = PHASES.filter((phase) => phase === finished || before.includes(phase));
  const at = op.project.now().toISOString();
  const next: StepProgress = { ...it.progress, ...changes, done, format: FORMAT, epoch: epochOf(op), updated_at: at };
  const digests = Object.fromEntries(
    Object.entries(next.digests).filter(([name, digest]) => it.progress.digests[name] !== digest),
  );
  const seal = (): Promise<void> =>
    step.seals.seal(op.lock, it.n, {
      phase: finished ?? 'begun',
      at,
      epoch: epochOf(op),
      digests,
      progress: next,
      outcome,
    });
  it.work.wrote = true;
  if (!outcome) await seal();
  await writeRecord(op.lock, it.paths.progress, StepProgressSchema, next);
  if (outcome) await seal();
  it.progress = next;
}

/** Adds the time of the current phase to `timing.json`. */
export async function saveTiming(it: Iteration, field?: 'ai_invocation_ms' | 'checks_ms' | 'review_ms'): Promise<void> {
  const took = Math.round(performance.now() - it.phaseBegan);
  it.phaseBegan = performance.now();
  const timing = { ...it.timing, total_ms: it.timing.total_ms + took };
  if (field) timing[field] += took;
  await writeRecord(it.work.op.lock, it.paths.timing, TimingSchema, timing);
  it.timing = timing;
}
