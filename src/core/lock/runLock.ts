import { WeldError } from '../util/errors';

declare const heldBrand: unique symbol;

/**
 * What `active.lock` says; times ending in `_ms` are wall-clock ms since 1970, the two texts are local time without
 * offset.
 */
export interface LockRecord {
  readonly pid: number;
  readonly run_id: string;
  readonly command: string;
  readonly started_at: string;
  readonly last_heartbeat: string;
  /** Absent in a record of the command-line Weld, like all that follow. */
  readonly host?: string;
  readonly boot_id?: string;
  readonly pid_ns?: string;
  readonly pid_started_at?: string;
  readonly token?: string;
  /** The fencing token: grows by one with every acquisition. */
  readonly epoch?: number;
  readonly started_at_ms?: number;
  readonly heartbeat_at_ms?: number;
  /** `command` for programs: its short name, such as "step loop". Absent in a record of Weld 0.1.0, like `step`. */
  readonly operation?: string | undefined;
  /** The number of the step that it works on. */
  readonly step?: number | undefined;
  readonly state?: 'held' | 'free';
  /** The pid once more: in a record that was given up, `pid` is nobody's. */
  readonly holder_pid?: number;
}

/** The operation that works through a step's iterations: its lenses show how far it has come. */
export const STEP_LOOP = 'step loop';

export type LockMechanism = 'hard-links' | 'proper-lockfile' | 'unknown';

export interface LockRequest {
  readonly runId: string;
  /** What the holder does, for people, such as "step loop 2". */
  readonly command: string;
  /** The same for programs: the command's short name, and the number of the step that it works on. */
  readonly operation?: string | undefined;
  readonly step?: number | undefined;
  /** Default 5,000 ms. */
  readonly heartbeatMs?: number;
  /** Another host's record is stale when its heartbeat has not changed for this long; default 60,000 ms. */
  readonly staleAfterMs?: number;
  /** Wait this long in ms for the holder to end, instead of being refused at once. */
  readonly wait?: { readonly timeoutMs: number; readonly signal?: AbortSignal };
}

/** A held lock; only `acquireRunLock` and `takeOverLock` can make one. */
export interface RunLock {
  readonly [heldBrand]: true;
  /** The `.weld` folder it protects. */
  readonly weldDir: string;
  readonly record: LockRecord;
  /** How often all of it was removed, and it was taken again. */
  readonly removals: number;
  /** Aborted when the lock is lost. */
  readonly signal: AbortSignal;
  /** @throws LockLostError `LOCK_LOST`; called before every write of run state and every git write */
  assertHeld(): void;
  /** Gives the lock back; the second call does nothing. */
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type LockState =
  | {
      readonly kind: 'free' /** What stands there that no record can be read from, when it is about to be cleared. */;
      readonly leftOver?: string;
    }
  | { readonly kind: 'held'; readonly where: 'here' | 'this-machine' | 'other-host'; readonly holder: LockRecord }
  | { readonly kind: 'stale'; readonly why: string; readonly holder: LockRecord }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Refused: another process is at work; nothing was written. */
export class LockHeldError extends WeldError {
  override readonly name = 'LockHeldError';
  constructor(
    readonly holder: LockRecord,
    sentence: string,
  ) {
    super('LOCK_HELD', sentence);
  }
}

/** This process was superseded; whatever it was doing has to stop before its next write. */
export class LockLostError extends WeldError {
  override readonly name = 'LockLostError';
  constructor(
    sentence: string,
    /** Who has displaced this process, when that can be told, even if that one has released since. */
    readonly by?: LockRecord,
  ) {
    super('LOCK_LOST', sentence);
  }
}
