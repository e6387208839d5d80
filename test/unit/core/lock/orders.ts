import type { LockRecord, LockRequest, LockState } from '../../../../src/core/lock';

export type Order =
  | {
      readonly do: 'acquire';
      readonly request?: Partial<LockRequest>;
      /** ns of the machine's monotonic clock. */
      readonly at?: number;
    }
  | { readonly do: 'takeOver'; readonly token: string; readonly request?: Partial<LockRequest> }
  | { readonly do: 'inspect' | 'assert' | 'release' | 'exit' | 'mechanism' }
  | { readonly do: 'clock'; readonly shiftMs: number }
  /** Before its next call of `node:fs`.`call` with a matching argument, the worker sends itself the signal. */
  | { readonly do: 'trap'; readonly call: TrappedCall; readonly match?: string; readonly signal: 'SIGSTOP' | 'SIGKILL' }
  /** From now on, `node:fs`.`call` fails with this code if an argument matches; without a code it works again. */
  | { readonly do: 'fail'; readonly call: TrappedCall; readonly match?: string; readonly code?: string };

type TrappedCall = 'writeSync' | 'linkSync' | 'renameSync' | 'unlinkSync' | 'openSync' | 'mkdir';

export interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly holder?: LockRecord;
  readonly record?: LockRecord;
  readonly state?: LockState;
  readonly aborted?: boolean;
  readonly by?: LockRecord;
  readonly mechanism?: string;
}
