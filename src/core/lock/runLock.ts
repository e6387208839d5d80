import { WeldError } from '../util/errors';

declare const heldBrand: unique symbol;

/**
 * The content of `active.lock`. Times whose names end in `_ms` are wall-clock ms since 1970; `started_at` and
 * `last_heartbeat` are local time without offset.
 */
export interface LockRecord {
  readonly pid: number;
  readonly run_id: string;
  readonly command: string;
  readonly started_at: string;
  readonly last_heartbeat: string;
  /** This field and all that follow are absent in a record of the command-line Weld. */
  readonly host?: string;
  readonly boot_id?: string;
  readonly pid_ns?: string;
  readonly pid_started_at?: string;
  readonly token?: string;
  /** The fencing token; it grows by one with every acquisition. */
  readonly epoch?: number;
  readonly started_at_ms?: number;
  readonly heartbeat_at_ms?: number;
  /** `command` for programs: its short name, such as "step loop". Absent in a record of Weld 0.1.0, like `step`. */
  readonly operation?: string | undefined;
  /** The number of the step that it works on. */
  readonly step?: number | undefined;
  readonly state?: 'held' | 'free';
  /** The holder's pid, which stays when the record is given up and `pid` is no longer valid. */
  readonly holder_pid?: number;
}

/** The operation that works through a step's iterations: its lenses show how far it has come. */
export const STEP_LOOP = 'step loop';

/** The operation that works through the steps that are left. */
export const REMAINING_STEPS = 'remaining steps';

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
  /** Wait up to `timeoutMs` for the holder to finish, instead of being refused at once. */
  readonly wait?: { readonly timeoutMs: number; readonly signal?: AbortSignal };
}

/** A held lock; only `acquireRunLock` and `takeOverLock` can make one. */
export interface RunLock {
  readonly [heldBrand]: true;
  /** The `.weld` folder it protects. */
  readonly weldDir: string;
  readonly record: LockRecord;
  /** Number of times that the whole lock was removed and taken again. */
  readonly removals: number;
  /** Aborted when the lock is lost. */
  readonly signal: AbortSignal;
  /** Call before every write of run state and every git write. @throws LockLostError `LOCK_LOST` */
  assertHeld(): void;
  /** Releases the lock; a second call does nothing. */
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type LockState =
  | {
      readonly kind: 'free';
      /** Why a left-over file is no valid lock; the next command removes that file. */
      readonly leftOver?: string;
    }
  | { readonly kind: 'held'; readonly where: 'here' | 'this-machine' | 'other-host'; readonly holder: LockRecord }
  | { readonly kind: 'stale'; readonly why: string; readonly holder: LockRecord }
  | { readonly kind: 'unreadable'; readonly why: string };

/** The lock was refused because another process holds it; nothing was written. */
export class LockHeldError extends WeldError {
  override readonly name = 'LockHeldError';
  constructor(
    readonly holder: LockRecord,
    sentence: string,
  ) {
    super('LOCK_HELD', sentence);
  }
}

/** This process lost the lock and must stop before its next write. */
export class LockLostError extends WeldError {
  override readonly name = 'LockLostError';
  constructor(
    sentence: string,
    /** Who displaced this process, if that is known; it may have released the lock since. */
    readonly by?: LockRecord,
  ) {
    super('LOCK_LOST', sentence);
  }
}
