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
import { readRecord, writeRecord } from '../artifacts/store';
import type { Config } from '../config/schema';
import type { CapturedTree } from '../git/git';
import type { Operation } from '../project';
import { WeldError } from '../util/errors';
import { type Memory, nothing, recall } from './memory';
import { lookAtAgentFiles, type Opened, openedFiles, type TrustedAgentFiles } from './opened';
import type { SelectedStep } from './resolveStep';
import type { ReadsTree } from './results';
import type { Outcome } from './seals/sealSchemas';
import { completedCalls, FORMAT, iterationNumbers, readProgress } from './stepProgress';
import { setStrangersAside, tidy } from './tidy';

/** What the phases of one operation share. */
export interface Work {
  readonly op: Operation;
  readonly step: SelectedStep;
  readonly config: Config;
  /** Aborted by cancel, a lost lock or the end of the time budget. */
  readonly signal: AbortSignal;
  readonly hooks: ReadsTree;
  /** Completed agent calls by task, those on disk included. */
  readonly calls: Map<string, number>;
  /** What the agents of this operation have cost so far. */
  costUsd: number;
  /** What the agents of this operation were not allowed. */
  readonly denials: Set<string>;
  /** Whether anything has been written: from then on the loop returns instead of throwing. */
  wrote: boolean;
  /** How an iteration is called to the person, such as "iteration 2 of 5". */
  readonly title: (iteration: number) => string;
  /** First wait after a rate limit that told no time, in ms. */
  readonly backoffMs: number;
  /** The files that configure agents, as they are trusted. */
  readonly agentFiles: TrustedAgentFiles;
  /** The iterations that the loop may take, where it is one. */
  readonly loop: StepProgress['loop'];
  /** Epoch ms at which the time budget ends, if there is one. */
  readonly deadline: number | undefined;
  /** What stood in the files that a guest could weaken, when the operation began. */
  readonly opened: Opened;
  /** What was found when the operation began, as sentences for the first status that it writes. */
  readonly found: string[];
}

/** One iteration as it is being worked on; `progress` and `timing` are what stands on disk after each phase. */
export interface Iteration {
  /** What its phases produced; nothing of it is read back within an operation. */
  readonly memory: Memory;
  /** How it was judged, once it was. */
  status: Status | null;
  readonly work: Work;
  readonly n: number;
  readonly paths: IterationPaths;
  progress: StepProgress;
  timing: Timing;
  /** The work tree as this process has just seen it, while nobody has been let at it since; spares a capture. */
  seen: CapturedTree | null;
  /** How an agent went beyond its task, if one did: the iteration stops behind the phase that it worked for. */
  violation: string | null;
  /** `performance.now()` at the beginning of the phase at work. */
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
    denials: new Set(),
    wrote: false,
    title: more.title ?? ((n) => `iteration ${n}`),
    backoffMs: more.backoffMs ?? 30_000,
    agentFiles: await lookAtAgentFiles(op, step),
    loop: more.loop,
    deadline: more.deadline,
    opened: await openedFiles(op.project, step),
  };
}

/**
 * Opens an iteration, new or unfinished, in memory; the disk follows with the first `save`. Of an unfinished one only
 * what is as Weld wrote it counts as done.
 */
export async function openIteration(work: Work, n: number): Promise<Iteration> {
  const { step } = work;
  const paths = step.paths.iteration(n);
  // One that somebody removed begins anew, whatever was sealed of it.
  const there = (await iterationNumbers(step)).includes(n);
  const sealed = there ? (step.seals.whole(n)?.progress ?? null) : null;
  if (!sealed) work.found.push(...(await setStrangersAside(work.op, step)));
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

/** The fencing token under which this operation writes. */
export function epochOf(op: Operation): number {
  return op.lock.record.epoch ?? 0;
}

/** Tells the person which phase begins, and stops here when the operation has been ended. */
export function enter(it: Iteration, phase: Phase): void {
  it.work.op.report({ message: `${it.work.title(it.n)}: ${phaseTitle(it, phase)}` });
  alive(it.work);
  it.phaseBegan = performance.now();
}

/** @throws when the operation was cancelled, ran out of time, or lost its lock */
export function alive(work: Work): void {
  if (work.signal.aborted) throw new WeldError('CANCELLED', 'The operation was stopped.');
  work.op.lock.assertHeld();
}

/**
 * Seals how far the iteration has come and writes `progress.json`; with a phase, that it is done. The seal comes first
 * and outweighs the file; only what was judged is on disk before it is sealed.
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

/** Adds the time of the phase at work to `timing.json`. */
export async function saveTiming(it: Iteration, field?: 'ai_invocation_ms' | 'checks_ms' | 'review_ms'): Promise<void> {
  const took = Math.round(performance.now() - it.phaseBegan);
  it.phaseBegan = performance.now();
  const timing = { ...it.timing, total_ms: it.timing.total_ms + took };
  if (field) timing[field] += took;
  await writeRecord(it.work.op.lock, it.paths.timing, TimingSchema, timing);
  it.timing = timing;
}

function phaseTitle(it: Iteration, phase: Phase): string {
  switch (phase) {
    case 'implement':
      return it.n === 1 ? 'implement' : 'fix';
    case 'diff':
      return 'capture changes';
    case 'checks':
      return 'checks';
    case 'review':
      return 'review';
    case 'verdict':
      return 'verdict';
  }
}
