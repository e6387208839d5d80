import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { IterationPaths } from '../../artifacts/paths';
import {
  IssuesFileSchema,
  PHASES,
  type Status,
  StatusSchema,
  type StepProgress,
  TimingSchema,
} from '../../artifacts/schemas';
import { readRecord } from '../../artifacts/store';
import { reason } from '../../util/errors';
import { isDone, readProgress, type SealedStep } from '../progress';
import { borneOut } from './proof';
import type { Artifact, IssueCounts, IterationState, Judged } from './states';

/** What an iteration has come to, by its small files and its seal. Never throws: what is damaged is its state. */
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
    const judged = await borneOut(step, n, progress, judgeIteration(paths, progress, status));
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

function judgeIteration(paths: IterationPaths, progress: StepProgress | null, status: Status | null): Judged {
  // A record of an older epoch was written late, by a holder that had lost its lock meanwhile.
  const statusCounts = status !== null && (progress === null || (status.epoch ?? 0) >= progress.epoch);
  const later =
    statusCounts && progress !== null && (status.epoch ?? 0) > progress.epoch && status['complete'] === true;
  const finished = progress === null || later || isDone(progress, 'verdict');
  const gate = statusCounts ? (status.gate ?? []) : [];
  const issues = countIssues(statusCounts ? status : null);
  const failing = gate.find((condition) => !condition.ok)?.why ?? null;
  if (!finished) {
    const phase = PHASES.find((each) => !progress.done.includes(each)) ?? 'verdict';
    return { state: 'unfinished', phase, why: failing, gate, issues };
  }
  if (!statusCounts)
    return {
      state: 'damaged',
      phase: null,
      why: `${paths.status} is missing or older than its iteration; run the step again.`,
      gate,
      issues,
    };
  if (!status.pass || failing !== null)
    return { state: 'failed', phase: null, why: failing ?? 'it did not pass', gate, issues };
  return { state: 'passed', phase: null, why: null, gate, issues };
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
  const found: Artifact[] = [];
  for (const [label, file] of named) if (await exists(file)) found.push({ label, path: file });
  const folder = path.join(paths.root, 'checks');
  const checks = (await fs.readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.txt')).sort();
  return [
    ...found,
    ...checks.map((name) => ({ label: `check ${name.slice(0, -'.txt'.length)}`, path: path.join(folder, name) })),
  ];
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
