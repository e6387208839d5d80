import { type Issue, type Status, StatusSchema } from '../artifacts/schemas';
import { recordText, writeText } from '../artifacts/store';
import type { Operation } from '../project';
import { waivedConditions, warningsOf } from './conditions/judge';
import { type EvidenceSource, gatherEvidence } from './evidence';
import { judge } from './gate';
import { digestOf } from './memory';
import { isWaived, open } from './verdict/issues';
import { epochOf } from './work';

export interface StatusSource extends EvidenceSource {
  /** False when the iteration stopped before its verdict: the status then only says why it has not passed. */
  readonly complete: boolean;
  readonly notices?: readonly string[];
}

/** A status as it was written, with the sha256 of the file. */
export interface Written {
  readonly status: Status;
  readonly digest: string;
}

/** Judges an iteration by what its phases produced and writes `status.json`. */
export async function writeStatus(op: Operation, source: StatusSource): Promise<Written> {
  const { progress } = source;
  const evidence = await gatherEvidence(source);
  const { pass, gate } = judge(evidence);
  const issues: readonly Issue[] = evidence.verdict.ok ? evidence.verdict.value.issues : [];
  const counting = open(issues);
  const checks = evidence.checks.ok ? evidence.checks.value : null;
  const failed = Object.values(checks?.categories ?? {}).find((result) => !result.passed);
  const warnings = warningsOf(gate);
  const notices = [...progress.notices, ...(source.notices ?? [])];
  const status: Status = StatusSchema.parse({
    pass: pass && source.complete,
    issue_count: counting.length,
    blocker_count: counting.filter((issue) => issue.severity === 'blocker').length,
    major_count: counting.filter((issue) => issue.severity === 'major').length,
    minor_count: counting.filter((issue) => issue.severity === 'minor').length,
    checks_summary: checks,
    checks_exit_code: checks ? (failed?.exit_code ?? 0) : -1,
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
