import type { RunId } from './artifacts/runIds';
import { type Meta, MetaSchema } from './artifacts/schemas';
import { readRecord, writeRecord } from './artifacts/store';
import type { Operation, Project } from './project';
import { WeldError } from './util/errors';
import { lstat } from './util/files';

/** Maximum number of commands in the history, so that a loop started a thousand times keeps the record readable. */
const KEPT_COMMANDS = 500;

/** Reads a run's meta.json. @throws WeldError `RUN_NOT_FOUND`, `DAMAGED_FILE` */
export async function readMeta(project: Project, runId: RunId): Promise<Meta> {
  const meta = await readRecord(project.paths.run(runId).meta, MetaSchema);
  if (!meta) throw notFound(runId);
  return meta;
}

/**
 * Rewrites meta.json with the fields from `change`, the command in the history, and the times.
 * @param command as in `active.lock`, such as "plan import"; null for a change during a command
 */
export async function updateMeta(
  op: Operation,
  runId: RunId,
  command: string | null,
  change: (meta: Meta) => Partial<Meta> = () => ({}),
): Promise<Meta> {
  const meta = await readMeta(op.project, runId);
  const timestamp = op.project.now().toISOString();
  const epoch = op.lock.record.epoch;
  const next: Meta = {
    ...meta,
    ...change(meta),
    updated_at: timestamp,
    last_used_at: timestamp,
    ...(command !== null && {
      command_history: [...meta.command_history, { timestamp, command, ...(epoch !== undefined && { epoch }) }].slice(
        -KEPT_COMMANDS,
      ),
    }),
  };
  await writeRecord(op.lock, op.project.paths.run(runId).meta, MetaSchema, next);
  return next;
}

/** Records a command that has succeeded, unless it has recorded itself under this lock. */
export async function noteUse(op: Operation, runId: RunId, command: string): Promise<void> {
  const { epoch, started_at_ms } = op.lock.record;
  const last = (await readMeta(op.project, runId)).command_history.at(-1);
  const noted =
    last !== undefined &&
    (epoch !== undefined ? last['epoch'] === epoch : Date.parse(last.timestamp) >= (started_at_ms ?? Infinity));
  if (!noted) await updateMeta(op, runId, command);
}

/** How often a command was recorded in this run; the next attempt has the next number. */
export function timesDone(meta: Meta, command: string): number {
  return meta.command_history.filter((entry) => entry.command === command).length;
}

/**
 * Checks that a run is a real folder, not a link, so that what is written below it stays below it.
 * @throws WeldError `RUN_NOT_FOUND`, `NOT_WRITABLE` if it cannot be read
 */
export async function assertRunExists(project: Project, runId: RunId): Promise<void> {
  const stat = await lstat(project.paths.run(runId).root).catch((error: unknown) => {
    throw new WeldError(
      'NOT_WRITABLE',
      `The run ${runId} cannot be read; give yourself access to the .weld folder and try again.`,
      { cause: error },
    );
  });
  if (!stat?.isDirectory()) throw notFound(runId);
}

const notFound = (runId: RunId): WeldError =>
  new WeldError('RUN_NOT_FOUND', `There is no run ${runId}; choose a run from the Runs view.`);
