import type { HumanAgent } from './agents/agent';
import { assertNoLink, makeWeldFolder } from './artifacts/create';
import type { RunId } from './artifacts/runIds';
import { isKept, keepSpare, recoverKept } from './guard';
import { acquireRunLock } from './lock';
import type { RunLock } from './lock/runLock';
import { predecessorsGone } from './process';
import type { Operation, OperationProgress, Project } from './project';
import { assertRunExists, noteUse } from './runMeta';
import { reason, WeldError } from './util/errors';
import { assertSupported } from './util/supported';

export interface OperationRequest {
  /** The run that the operation changes; it must exist. */
  readonly runId: RunId;
  /** Written to `active.lock` for others to read, such as "step loop 2". */
  readonly command: string;
  /** The command's short name, such as "step loop", and the step that it works on. */
  readonly operation?: string | undefined;
  readonly step?: number | undefined;
  /** Waits up to `timeoutMs` (ms) for the lock instead of failing at once. */
  readonly wait?: { readonly timeoutMs: number; readonly signal?: AbortSignal };
  /** Aborts when the person cancels. */
  readonly signal: AbortSignal;
  readonly report: (progress: OperationProgress) => void;
  /** Called with the lock before anything else is done under it: from then on the operation can be stopped. */
  readonly held?: (lock: RunLock) => void;
  /** Absent in silent commands. */
  readonly person?: HumanAgent;
}

/**
 * The one way to hold the run lock: from before the body's first write until after its last, even if it fails.
 * The body's `signal` aborts when the person cancels or the lock is lost.
 * @throws WeldError `RUN_NOT_FOUND`, `LOCK_HELD`, `WORKERS_ALIVE`, `PLATFORM_UNSUPPORTED` before anything is written;
 *   otherwise what the body throws
 */
export async function withOperation<T>(
  project: Project,
  request: OperationRequest,
  body: (operation: Operation) => Promise<T>,
): Promise<T> {
  assertSupported(project.platform);
  const { runId, command, operation: name, step, wait } = request;
  await assertNoLink(project.paths);
  const missing = await assertRunExists(project, runId).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  // If Weld was killed while an agent removed runs, git still has them.
  if (missing && !(await isKept(project, runId).catch(() => false))) throw missing.error;
  if (request.signal.aborted) throw cancelled();
  if (missing) await makeWeldFolder(project.paths);
  const cancel = AbortSignal.any([request.signal, ...(wait?.signal ? [wait.signal] : [])]);
  const lock = await acquireRunLock(project.paths.root, {
    runId,
    command,
    operation: name,
    step,
    ...(wait && { wait: { timeoutMs: wait.timeoutMs, signal: cancel } }),
  });
  try {
    using _spare = keepSpare(project, lock);
    request.held?.(lock);
    const signal = AbortSignal.any([request.signal, lock.signal]);
    await endPredecessors(project, lock);
    await recoverKept(project, lock);
    if (missing) await assertRunExists(project, runId);
    if (request.signal.aborted) throw cancelled();
    const operation = {
      project,
      lock,
      signal,
      report: request.report,
      ...(request.person && { person: request.person }),
    };
    const result = await body(operation);
    await noteUse(operation, runId, command).catch((error: unknown) => {
      project.log.warn(`The use of ${runId} could not be recorded: ${reason(error)}`);
    });
    return result;
  } finally {
    await lock.release().catch((error: unknown) => {
      project.log.error('The run lock could not be released.', error);
    });
  }
}

/** Time in ms for all programs of earlier holders to end; they get half of it to end by themselves. */
const PREDECESSORS_MS = 10_000;

async function endPredecessors(project: Project, lock: RunLock): Promise<void> {
  const { elsewhere, unreadable } = await predecessorsGone(lock, {
    storage: project.storage,
    timeoutMs: PREDECESSORS_MS,
  });
  for (const worker of elsewhere)
    project.log.warn(
      `${worker.program} (pid ${worker.pid} on ${worker.host ?? 'another machine'}) may still run; it cannot be ` +
        'checked from here.',
    );
  for (const file of unreadable)
    project.log.warn(
      `${file} is not a record of Weld; make sure that no program of an earlier run still runs, then remove it.`,
    );
}

const cancelled = (): WeldError => new WeldError('CANCELLED', 'Cancelled; nothing was changed.');
