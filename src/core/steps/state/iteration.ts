import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { IterationPaths } from '../../artifacts/paths';
import { IssuesFileSchema, type Status, StatusSchema, type StepProgress, TimingSchema } from '../../artifacts/schemas';
import { readRecord } from '../../artifacts/store';
import { reason } from '../../util/errors';
import { isDone, nextPhase, readProgress, type SealedStep } from '../stepProgress';
import { judgeBySeal } from './judgeBySeal';
import type { Artifact, IssueCounts, IterationState, Judged } from './states';

/** The state of an iteration, from its small files and its seal. Never throws: damage is one of the states. */
export async function readIteration(step: SealedStep, n: number): Promise<IterationState> {
  const paths = step.paths.iteration(n);
  const artifacts = await artifactsOf(paths);
  const timing = await readRecord(paths.timing, TimingSchema).catch(() => null);
  const blank = {
    n,
    phase: null,
    why: null,
    gate: [],
    issues: countIssues(null),
    checks: namedChecks(null),
    timing,
    tree: null,
    updatedAt: null,
    accepted: null,
    artifacts,
  } as const;
  try {
    const progress = await readProgress(step, n);
    const status = await readRecord(paths.status, StatusSchema);
    const judged = await judgeBySeal(step, n, progress, judgeIteration(paths, progress, status));
    if (judged.state === 'passed') await readRecord(paths.issues, IssuesFileSchema);
    return {
      ...blank,
      ...judged,
      checks: namedChecks(status),
      tree: progress?.tree ?? null,
      updatedAt: updated(progress, status),
    };
  } catch (error) {
    return { ...blank, state: 'damaged', why: reason(error) };
  }
}

function namedChecks(status: Status | null): IterationState['checks'] {
  const results = Object.entries(status?.checks_summary?.categories ?? {});
  const names = (those: typeof results): string[] => those.map(([name]) => name);
  return {
    failed: names(results.filter(([, result]) => !result.passed)),
    flaky: names(results.filter(([, result]) => result.flaky === true)),
  };
}

function judgeIteration(paths: IterationPaths, progress: StepProgress | null, written: Status | null): Judged {
  const status = writtenByOwner(progress, written);
  const gate = status?.gate ?? [];
  const failing = gate.find((condition) => !condition.ok)?.why ?? null;
  const blank = { phase: null, gate, issues: countIssues(status) };
  if (progress && !hasVerdict(progress, status))
    return { ...blank, state: 'unfinished', phase: nextPhase(progress), why: failing };
  if (!status)
    return {
      ...blank,
      state: 'damaged',
      why: `${paths.status} is missing or older than its iteration; run the step again.`,
    };
  if (!status.pass || failing !== null) return { ...blank, state: 'failed', why: failing ?? 'it did not pass' };
  return { ...blank, state: 'passed', why: null };
}

/** A status of an older epoch does not count, because its writer had lost the lock before writing. */
function writtenByOwner(progress: StepProgress | null, status: Status | null): Status | null {
  return progress && (status?.epoch ?? 0) < progress.epoch ? null : status;
}

/** A complete status of a newer epoch is a verdict too: its writer stopped before it could save the progress. */
function hasVerdict(progress: StepProgress, status: Status | null): boolean {
  return isDone(progress, 'verdict') || (status?.['complete'] === true && (status.epoch ?? 0) > progress.epoch);
}

function countIssues(status: Status | null): IssueCounts {
  return {
    open: status?.issue_count ?? 0,
    blocker: status?.blocker_count ?? 0,
    major: status?.major_count ?? 0,
    minor: status?.minor_count ?? 0,
    waived: status?.waivers?.length ?? 0,
  };
}

async function artifactsOf(paths: IterationPaths): Promise<Artifact[]> {
  const named: readonly (readonly [string, string])[] = [
    ['answer', paths.answer],
    ['diff', paths.diff],
    ['checks', paths.checksSummary],
    ['review prompt', paths.reviewPrompt],
    ['review', paths.review],
    ['issues', paths.issues],
    ['status', paths.status],
  ];
  const folder = path.join(paths.root, 'checks');
  const checks = (await fs.readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.txt')).sort();
  return [
    ...(await present(named)),
    ...checks.map((name) => ({ label: `check ${name.slice(0, -'.txt'.length)}`, path: path.join(folder, name) })),
  ];
}

/** Those of the labelled files that exist. */
export async function present(named: readonly (readonly [string, string])[]): Promise<Artifact[]> {
  const found: Artifact[] = [];
  for (const [label, file] of named) if (await exists(file)) found.push({ label, path: file });
  return found;
}

export async function exists(file: string): Promise<boolean> {
  return fs.lstat(file).then(
    (stat) => stat.isFile(),
    () => false,
  );
}

function updated(progress: StepProgress | null, status: Status | null): string | null {
  return (
    [progress?.updated_at, status?.timestamp]
      .filter((time) => time !== undefined)
      .sort()
      .at(-1) ?? null
  );
}
