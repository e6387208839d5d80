import * as fs from 'node:fs/promises';
import type { UnderReview } from '../artifacts/schemas';
import type { CapturedTree } from '../git/git';
import { onDisk } from '../git/names';
import type { GuardReport } from '../guard';
import type { Operation } from '../project';
import type { Iteration } from './work';

/**
 * Records the state of the repository before a reviewer, who may only read, starts.
 * @param known the work tree if it was just captured; null: capture it now
 */
export async function captureBaseline(
  { project, lock }: Operation,
  known: CapturedTree | null,
  signal?: AbortSignal,
): Promise<UnderReview> {
  const [{ tree, leftOut }, head] = await Promise.all([
    known ?? project.git.captureTree(lock, { ...(signal && { signal }) }),
    project.git.head(),
  ]);
  const stamps = await Promise.all(
    leftOut.map(async ({ path: file }) => [file, await stampOf(onDisk(project.top, file))] as const),
  );
  return { tree, head: head.sha, left_out: Object.fromEntries(stamps) };
}

/** The paths already known to have changed during the review, and those that changed since `before`. */
export async function changedSince(it: Iteration, before: UnderReview | null | undefined): Promise<string[]> {
  const changed = new Set(it.progress.review?.changed ?? []);
  if (before) for (const file of await differences(it.work.op, before)) changed.add(file);
  if (it.violation !== null) changed.add('.weld or .git');
  return [...changed];
}

/**
 * Captures the state again and compares, even if the operation was cancelled meanwhile.
 * @returns the paths that differ, and `HEAD` if it moved
 */
export async function differences(op: Operation, before: UnderReview): Promise<string[]> {
  const after = await captureBaseline(op, null);
  const files =
    after.tree === before.tree
      ? []
      : (await op.project.git.changedFiles(before.tree, after.tree)).map((file) => file.path);
  const leftOut = Object.keys({ ...before.left_out, ...after.left_out }).filter(
    (file) => before.left_out[file] !== after.left_out[file],
  );
  return [...files, ...leftOut, ...(after.head === before.head ? [] : ['HEAD'])];
}

/** Shows whether a file changed; empty if it cannot be read. */
const stampOf = (file: string | Buffer): Promise<string> =>
  fs.lstat(file).then(
    ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
    () => '',
  );

/** Adds the guard's report to the iteration that the guest worked for, in memory until the next save. */
export function noteGuard(it: Iteration, report: GuardReport): void {
  const { guard, notices } = it.progress;
  const told = [...report.violations, ...report.warnings];
  it.progress = {
    ...it.progress,
    guard: {
      mode: report.mode === 'prevented' && (guard?.mode ?? 'prevented') === 'prevented' ? 'prevented' : 'noticed',
      opted: report.opted || (guard?.opted ?? false),
    },
    notices: [...new Set([...notices, ...told])],
  };
}
