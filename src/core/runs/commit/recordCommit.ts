import { type Pending, PendingSchema, TranscriptSchema } from '../../artifacts/recoverySchemas';
import type { RunId } from '../../artifacts/runIds';
import { readRecord, removeFile, writeRecord, writeText } from '../../artifacts/store';
import type { Oid } from '../../git/git';
import type { Operation, Project } from '../../project';
import { updateMeta } from '../../runMeta';
import { pruneRefs } from '../../steps/requests';
import { readRun } from '../listRuns';
import { summaryText } from '../report';
import { includedSteps } from './commitSteps';
import { sessionsOf, transcriptWith } from './provenance';

/** Facts that are known only while git makes the commit. */
export interface Seen {
  /** Files whose content differs from what was last checked and reviewed. */
  readonly differs?: readonly string[];
  /** Files that hooks changed during the commit. */
  readonly hook_changed?: readonly string[];
  /** Sentences about what hooks did although they may not. */
  readonly hook_violations?: readonly string[];
}

/** Records a commit that git has made. Idempotent, so it can be repeated after a crash. */
export async function recordCommit(
  op: Operation,
  runId: RunId,
  sha: Oid,
  pending: Pending,
  seen: Seen = {},
): Promise<void> {
  const { project, lock } = op;
  const run = project.paths.run(runId);
  const before = await readRun(project, runId);
  const could = before.steps.filter((step) => pending.steps.includes(step.n));
  const trees = { before: pending.tree_before, after: await project.git.headTree() };
  const included = pending.passed
    ? could.map((step) => ({ step, whole: true }))
    : await includedSteps(project, runId, could, trees);
  const transcript = await transcriptWith(project, runId, sessionsOf(could));

  const trailers = pending.trailers.map(({ key, value }) => `${key}: ${value}`).join('\n');
  await writeText(lock, run.commitMessage, `${pending.message.trimEnd()}\n${trailers === '' ? '' : `\n${trailers}\n`}`);
  if (transcript) await writeRecord(lock, run.transcript, TranscriptSchema, transcript);
  const committed_at = project.now().toISOString();
  const numbers = (whole: boolean): number[] => included.filter((one) => one.whole === whole).map(({ step }) => step.n);
  await updateMeta(op, runId, 'commit', (meta) => ({
    commits: [
      ...meta.commits.filter((commit) => commit.sha !== sha),
      { sha, steps: numbers(true), partial_steps: numbers(false), committed_at, ...nonEmpty(seen) },
    ],
  }));
  for (const { step, whole } of included) {
    if (!whole) continue;
    if (step.state === 'passed') await writeText(lock, run.step(step.key).completed, `${committed_at}\n`);
  }
  await pruneRefs(
    op,
    runId,
    included.filter((one) => one.whole).map(({ step }) => step.key),
  );
  await writeText(lock, run.summary, await summaryText(project, await readRun(project, runId)));
  await clearPending(op, runId);
}

/** Leaves out empty lists. */
function nonEmpty(seen: Seen): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(seen).flatMap(([name, paths]: [string, readonly string[] | undefined]) =>
      paths && paths.length > 0 ? [[name, paths]] : [],
    ),
  );
}

/** Reads the record of a commit that was about to be made. @returns null if there is none */
export function readPending(project: Project, runId: RunId): Promise<Pending | null> {
  return readRecord(project.paths.run(runId).commitPending, PendingSchema);
}

export async function writePending(op: Operation, runId: RunId, pending: Pending): Promise<void> {
  await writeRecord(op.lock, op.project.paths.run(runId).commitPending, PendingSchema, pending);
}

export async function clearPending(op: Operation, runId: RunId): Promise<void> {
  await removeFile(op.lock, op.project.paths.run(runId).commitPending);
}
