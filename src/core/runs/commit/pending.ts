import * as z from 'zod';
import type { RunId } from '../../artifacts/ids';
import { readRecord, removeFile, writeRecord } from '../../artifacts/store';
import type { Operation, Project } from '../../project';

/**
 * What a commit is about to do, on disk while git works: a crash between git's commit and Weld's record of it loses
 * nothing.
 */
export const PendingSchema = z.looseObject({
  /** HEAD before; null in a repository without commits. */
  parent: z.string().nullable(),
  tree_before: z.string(),
  message: z.string(),
  trailers: z.array(z.looseObject({ key: z.string(), value: z.string() })),
  /** Numbers of the steps that could be in it. */
  steps: z.array(z.number().int()),
  /** It holds what those steps changed, whole. */
  passed: z.boolean().optional(),
  started_at: z.string(),
});
export type Pending = z.infer<typeof PendingSchema>;

export function readPending(project: Project, runId: RunId): Promise<Pending | null> {
  return readRecord(project.paths.run(runId).commitPending, PendingSchema);
}

export async function writePending(op: Operation, runId: RunId, pending: Pending): Promise<void> {
  await writeRecord(op.lock, op.project.paths.run(runId).commitPending, PendingSchema, pending);
}

export async function clearPending(op: Operation, runId: RunId): Promise<void> {
  await removeFile(op.lock, op.project.paths.run(runId).commitPending);
}
