import * as z from 'zod';
import { duration } from '../util/duration';
import { LAST_EPOCH } from './lockNames';
import type { LockRecord, LockState } from './runLock';

/** Above every pid that a system hands out, so never alive; 0 would look alive to `kill`. */
export const NO_PID = 2147483647;

/** Records are under 2 KB; a longer file is not a record. */
export const MAX_RECORD_BYTES = 16 * 1024;

const RecordSchema = z.looseObject({
  pid: z.number().int(),
  run_id: z.string(),
  command: z.string(),
  started_at: z.string(),
  last_heartbeat: z.string(),
  host: z.string().optional(),
  boot_id: z.string().optional(),
  pid_ns: z.string().optional(),
  pid_started_at: z.string().optional(),
  token: z.string().optional(),
  // No claim can have a higher epoch, and none could follow it.
  epoch: z.number().int().nonnegative().max(LAST_EPOCH).optional(),
  started_at_ms: z.number().optional(),
  heartbeat_at_ms: z.number().optional(),
  state: z.enum(['held', 'free']).optional(),
  holder_pid: z.number().int().optional(),
  // For display only, so a record of another version stays readable whatever it writes here.
  operation: z.string().optional().catch(undefined),
  step: z.number().int().optional().catch(undefined),
});

/** @returns the record, or a short text that says what is wrong */
export function parseRecord(text: string): LockRecord | string {
  if (text.trim() === '') return 'it is empty';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not valid JSON';
  }
  const parsed = RecordSchema.safeParse(value);
  if (parsed.success) return parsed.data as LockRecord;
  const first = parsed.error.issues[0];
  return `its "${first?.path.join('.') ?? ''}" is wrong`;
}

/** Width in characters to which each number is padded. */
const WIDE: Readonly<Record<string, number | undefined>> = {
  pid: 10,
  epoch: 12,
  started_at_ms: 15,
  heartbeat_at_ms: 15,
};

/**
 * Writes a record as JSON. Every record of one claim has the same length, whatever its state and times, because it is
 * rewritten in place: a shorter text would leave the end of a longer one. JSON allows spaces before a number.
 */
export function formatRecord(record: LockRecord): string {
  // One pass and no lists, because every acquisition does this twice.
  let fields = '';
  for (const name in record) {
    const value = record[name as keyof LockRecord];
    if (value === undefined) continue;
    const width = WIDE[name];
    fields +=
      `${fields && ',\n'}  "${name}": ` +
      `${width === undefined ? JSON.stringify(value) : String(value).padStart(width)}`;
  }
  return `{\n${fields}\n}\n`;
}

/** The record of a claim that is given up. Its pid is never alive, so the command-line Weld clears it too. */
export function freed(record: LockRecord): LockRecord {
  return { ...record, state: 'free', pid: NO_PID };
}

/** The record with new heartbeat times. @param at wall-clock ms */
export function beaten(record: LockRecord, at: number): LockRecord {
  return { ...record, last_heartbeat: localTime(at), heartbeat_at_ms: at };
}

/** Local time without offset, `2026-01-05T12:00:00.000000`: the command-line Weld cannot subtract any other form. */
export function localTime(at: number): string {
  const offsetMs = new Date(at).getTimezoneOffset() * 60_000;
  return `${new Date(at - offsetMs).toISOString().slice(0, -1)}000`;
}

/** "step loop 2 of 20260105-120000-api, process 4711 on host-a, for 3 min". @param now wall-clock ms */
export function describeHolder(holder: LockRecord, now: number): string {
  const where = holder.host === undefined ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host}`;
  const since = holder.started_at_ms ?? Date.parse(holder.started_at);
  const age = Number.isFinite(since) ? `, for ${duration(now - since)}` : '';
  return `${holder.command} (run ${holder.run_id || 'unknown'}), ${where}${age}`;
}

/** Describes the state of the lock and what to do, in one or two sentences. @param now wall-clock ms */
export function describeLock(state: LockState, now: number): string {
  switch (state.kind) {
    case 'free':
      return state.leftOver === undefined
        ? 'The run lock is free.'
        : `The run lock is free; an old lock remains (${state.leftOver}), and the next ` + 'command clears it.';
    case 'held':
      if (state.where === 'here')
        return (
          `This window holds the run lock: ${describeHolder(state.holder, now)}; wait until that ` + 'ends, or stop it.'
        );
      return (
        `The run lock is held by ${describeHolder(state.holder, now)}; wait until it ends, or ask the ` +
        'holder to stop.'
      );
    case 'stale':
      return (
        `The run lock was left by ${describeHolder(state.holder, now)}, but ${state.why}; the next ` +
        'command takes ' +
        'it by itself.'
      );
    case 'unreadable':
      return `The run lock cannot be read (${state.why}); if no other Weld is running, move it away and try again.`;
  }
}
