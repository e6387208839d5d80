import type { StepPaths } from '../artifacts/paths';
import { type ChecksSummary, type Issue, type Status, StatusSchema } from '../artifacts/schemas';
import type { Outcome } from '../artifacts/sealSchemas';
import { recordText, removeFile, writeText } from '../artifacts/store';
import type { RunLock } from '../lock/runLock';
import type { Operation } from '../project';
import { waivedConditions, warningsOf } from './conditions/judgeCondition';
import { type EvidenceSource, gatherEvidence } from './evidence';
import { judge } from './gate';
import { digestOf } from './memory';
import { gateConfigDigest } from './opened';
import { isWaived, open } from './verdict/issues';
import { epochOf, type Iteration } from './work';

export interface StatusSource extends EvidenceSource {
  /** False if the iteration stopped before its verdict: the status then only says why it has not passed. */
  readonly complete: boolean;
  readonly notices?: readonly string[];
}

/** A status as written, with the sha256 of its file. */
export interface Written {
  readonly status: Status;
  readonly digest: string;
}

/** The gate's input for the current iteration, without conditions. */
export function sourceOf({ paths, progress, memory, work }: Iteration): EvidenceSource {
  return { paths, progress, memory, base: work.step.base, config: work.config };
}

/** Judges an iteration by what its phases produced, and writes `status.json`. */
export async function writeStatus(op: Operation, source: StatusSource): Promise<Written> {
  const { progress } = source;
  const evidence = await gatherEvidence(source);
  const { pass, gate } = judge(evidence);
  const issues: readonly Issue[] = evidence.verdict.ok ? evidence.verdict.value.issues : [];
  const counting = open(issues);
  const countOf = (severity: Issue['severity']): number =>
    counting.filter((issue) => issue.severity === severity).length;
  const checks = evidence.checks.ok ? evidence.checks.value : null;
  const warnings = warningsOf(gate);
  const notices = [...progress.notices, ...(source.notices ?? [])];
  const status: Status = StatusSchema.parse({
    pass: pass && source.complete,
    issue_count: counting.length,
    blocker_count: countOf('blocker'),
    major_count: countOf('major'),
    minor_count: countOf('minor'),
    checks_summary: checks,
    checks_exit_code: exitCodeOf(checks),
    diff_nonempty: evidence.diff.ok && evidence.diff.value.nonEmpty,
    timestamp: op.project.now().toISOString(),
    epoch: epochOf(op),
    complete: source.complete,
    tree: progress.tree ?? null,
    ...(progress.guard && { guard: { mode: progress.guard.mode, opted: progress.guard.opted } }),
    gate: [...gate],
    waivers: [
      ...issues
        .filter(isWaived)
        .map((issue) => ({ id: issue.id ?? '', reason: issue.waived?.reason ?? '', hint: issue.hint })),
      ...waivedConditions(gate),
    ],
    ...(evidence.failedBefore && evidence.failedBefore.length > 0 && { failed_before: [...evidence.failedBefore] }),
    ...(warnings.length > 0 && { warnings }),
    ...(notices.length > 0 && { notices }),
  });
  const text = recordText(StatusSchema, status);
  await writeText(op.lock, source.paths.status, text);
  return { status, digest: digestOf(text) };
}

/** The exit code of the first failed check, 0 if none failed, -1 if the checks did not run. */
function exitCodeOf(checks: ChecksSummary | null): number {
  if (!checks) return -1;
  return Object.values(checks.categories).find((result) => !result.passed)?.exit_code ?? 0;
}

/** The part of a status that the seal keeps. */
export function outcomeOf(status: Status, { progress, base, config }: EvidenceSource): Outcome {
  return {
    pass: status.pass,
    tree: progress.tree ?? null,
    base,
    config: gateConfigDigest(config),
    gate: status.gate ?? [],
  };
}

/** Writes or removes the file that tells Weld 0.1 and people which iteration of a step passed. */
export async function noteCompleted(lock: RunLock, paths: StepPaths, iteration: number, pass: boolean): Promise<void> {
  await (pass ? writeText(lock, paths.completed, `iteration ${iteration}\n`) : removeFile(lock, paths.completed));
}
