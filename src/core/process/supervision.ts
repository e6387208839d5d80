import type { RunLock } from '../lock/runLock';
import type { ProgramResult, Programs, SupervisedRequest } from './ports';

/** Starts guests. Only the guard imports this, so that every guest runs under it. */
export interface Supervision {
  supervise(request: SupervisedRequest): Promise<ProgramResult>;
  /**
   * Keeps a started supervisor waiting from the first `prepare` until the result is disposed, for the programs that
   * are started under this lock.
   */
  keepSpare(lock: RunLock): Disposable;
  /** Starts the waiting supervisor ahead of its program; does nothing without `keepSpare`. */
  prepare(lock: RunLock): void;
  /** Absolute path of the bundled supervisor. */
  readonly supervisorPath: string;
}

const SUPERVISION: unique symbol = Symbol('supervision');

/** @returns programs that carry their own supervision, hidden from all other modules */
export function withSupervision(programs: Programs, supervision: Supervision): Programs {
  return Object.assign(programs, { [SUPERVISION]: supervision });
}

/** @throws Error when `createPrograms` did not make them */
export function supervisionOf(programs: Programs): Supervision {
  const own = programs as Programs & { readonly [SUPERVISION]?: Supervision };
  const found = own[SUPERVISION];
  if (!found) throw new Error('these programs have no supervisor');
  return found;
}
