import { StatusSchema, type Issue, type Status } from '../artifacts/schemas';
import { writeRecord } from '../artifacts/store';
import type { Oid } from '../git/types';
import type { Operation } from '../project';
import { gatherEvidence, type EvidenceSource } from './evidence';
import { judge } from './gate';
import type { StepProgress } from './progress';
import { isWaived, open } from './verdict/waivers';
import { epochOf } from './work';

export interface StatusSource extends EvidenceSource {
  readonly progress: StepProgress;
  readonly base: Oid;
  /** False when the iteration stopped before its verdict: the status then only says why it has not passed. */
  readonly complete: boolean;
  readonly notices?: readonly string[];
}

/** Judges an iteration by what is on disk and writes `status.json`, the last file of an iteration. */
export async function writeStatus(op: Operation, source: StatusSource): Promise<Status> {
  const evidence = await gatherEvidence(source);
  const { pass, gate } = judge(evidence);
  const issues: readonly Issue[] = evidence.verdict.ok ? evidence.verdict.value.issues : [];
  const counting = open(issues);
  const checks = evidence.checks.ok ? evidence.checks.value : null;
  const failed = Object.values(checks?.categories ?? {}).find((result) => !result.passed);
  const status = {
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
    gate: [...gate],
    waivers: issues.filter(isWaived).map((issue) => ({ id: issue.id ?? '', reason: issue.waived?.reason ?? '', hint: issue.hint })),
    ...(source.notices && source.notices.length > 0 && { notices: [...source.notices] }),
  };
  await writeRecord(op.lock, source.paths.status, StatusSchema, status);
  return StatusSchema.parse(status);
}
