import { isErrno } from '../errors';
import { describeHolder } from './describe';
import { LockLostError, type LockRecord, type RunLock } from './types';

/** How a lock is kept, whichever way it was got. */
export interface Keeping {
  readonly weldDir: string;
  readonly record: LockRecord;
  readonly removals: number;
  /** @returns false when the lock is lost */
  assert(): boolean;
  /** @param at wall-clock ms; @returns false when the lock is lost */
  beat(at: number): boolean;
  release(): void | Promise<void>;
  /** Lets go of what is left, once the lock is lost. */
  lose(): void;
  /** Who has displaced this holder; null when that cannot be told. */
  successor(): LockRecord | null;
}

/**
 * Holding is heartbeating: there is no way to have a lock as a `RunLock` without its timer running. @param heartbeatMs
 * in ms
 */
export function hold(keeping: Keeping, heartbeatMs: number): RunLock {
  return new HeldLock(keeping, heartbeatMs) as unknown as RunLock;
}

class HeldLock {
  /** Made when somebody asks: most short operations never do. */
  private abort: AbortController | undefined;
  private readonly timer: NodeJS.Timeout;
  private state: 'held' | 'released' | LockLostError = 'held';

  constructor(
    private readonly keeping: Keeping,
    heartbeatMs: number,
  ) {
    this.timer = setInterval(() => {
      this.beat();
    }, heartbeatMs);
    // A process that has nothing else to do may end; its lock is then seen to be a dead process's.
    this.timer.unref();
  }

  get weldDir(): string {
    return this.keeping.weldDir;
  }
  get record(): LockRecord {
    return this.keeping.record;
  }
  get removals(): number {
    return this.keeping.removals;
  }
  get signal(): AbortSignal {
    if (!this.abort) {
      this.abort = new AbortController();
      if (this.state instanceof LockLostError) this.abort.abort(this.state);
    }
    return this.abort.signal;
  }

  assertHeld(): void {
    if (this.state === 'held' && !this.keeping.assert()) this.lose();
    if (this.state instanceof LockLostError) throw this.state;
    if (this.state === 'released')
      throw new LockLostError('This operation has already given its run lock back; start it again.');
  }

  async release(): Promise<void> {
    if (this.state !== 'held') return;
    this.state = 'released';
    // The timer goes first: once the descriptor is closed its number may be another file's.
    clearInterval(this.timer);
    await this.keeping.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  private beat(): void {
    if (this.state !== 'held') return;
    try {
      if (!this.keeping.beat(Date.now())) this.lose();
    } catch (error) {
      // A full disk or a share that hiccups is no loss; the next beat tries again, every write asserts by itself.
      if (!isErrno(error)) throw error;
    }
  }

  private lose(): void {
    // Looked for at once: who has it now may have given it back a moment later.
    const by = this.keeping.successor();
    const what = by ? `taken over by ${describeHolder(by, Date.now())}` : 'removed or replaced by another program';
    this.state = new LockLostError(
      `The run lock was ${what}; this operation stopped before its next write, look at the run before you continue.`,
      by ?? undefined,
    );
    clearInterval(this.timer);
    try {
      this.keeping.lose();
    } finally {
      this.abort?.abort(this.state);
    }
  }
}
