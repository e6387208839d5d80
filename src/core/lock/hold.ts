import { isErrno, type WeldError } from '../util/errors';
import { assertClaim, type Claim, giveUp } from './claim';
import { nodeFs } from './fs';
import { io, type Program, runNow } from './program';
import { beaten, describeHolder, formatRecord } from './record';
import { LockLostError, type LockRecord, type RunLock } from './runLock';

/** A lock that this process holds, whichever mechanism it was taken by. */
export interface LockHandle {
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
export function hold(handle: LockHandle, heartbeatMs: number): RunLock {
  return new HeldLock(handle, heartbeatMs) as unknown as RunLock;
}

class HeldLock {
  /** Made when somebody asks: most short operations never do. */
  private abort: AbortController | undefined;
  private readonly timer: NodeJS.Timeout;
  private state: 'held' | 'released' | LockLostError = 'held';

  constructor(
    private readonly handle: LockHandle,
    heartbeatMs: number,
  ) {
    this.timer = setInterval(() => {
      this.beat();
    }, heartbeatMs);
    // A process that has nothing else to do may end; its lock is then seen to be a dead process's.
    this.timer.unref();
  }

  get weldDir(): string {
    return this.handle.weldDir;
  }
  get record(): LockRecord {
    return this.handle.record;
  }
  get removals(): number {
    return this.handle.removals;
  }
  get signal(): AbortSignal {
    if (!this.abort) {
      this.abort = new AbortController();
      if (this.state instanceof LockLostError) this.abort.abort(this.state);
    }
    return this.abort.signal;
  }

  assertHeld(): void {
    if (this.state === 'held' && !this.handle.assert()) this.lose();
    if (this.state instanceof LockLostError) throw this.state;
    if (this.state === 'released')
      throw new LockLostError('This operation has already given its run lock back; start it again.');
  }

  async release(): Promise<void> {
    if (this.state !== 'held') return;
    this.state = 'released';
    // The timer goes first: once the descriptor is closed its number may be another file's.
    clearInterval(this.timer);
    await this.handle.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  private beat(): void {
    if (this.state !== 'held') return;
    try {
      if (!this.handle.beat(Date.now())) this.lose();
    } catch (error) {
      // A full disk or a share that hiccups is no loss; the next beat tries again, every write asserts by itself.
      if (!isErrno(error)) throw error;
    }
  }

  private lose(): void {
    // Looked for at once: who has it now may have given it back a moment later.
    const by = this.handle.successor();
    const what = by ? `taken over by ${describeHolder(by, Date.now())}` : 'removed or replaced by another program';
    this.state = new LockLostError(
      `The run lock was ${what}; this operation stopped before its next write, look at the run before you continue.`,
      by ?? undefined,
    );
    clearInterval(this.timer);
    try {
      this.handle.lose();
    } finally {
      this.abort?.abort(this.state);
    }
  }
}

/** @param at wall-clock ms; @returns false when the lock is lost */
export function* heartbeat(claim: Claim, at: number): Program<boolean> {
  if (!(yield* assertClaim(claim))) return false;
  claim.record = beaten(claim.record, at);
  yield* io.write(claim.handle, formatRecord(claim.record));
  return true;
}

/** Time between two attempts to release a claim that the disk refused to mark free, in ms. */
const RETRY_MS = 1_000;

/**
 * Releases a claim as soon as the disk lets us, as after a full disk: until then the claim would keep everybody out for
 * as long as this process lives.
 */
export function retryRelease(claim: Claim): void {
  const timer = setInterval(() => {
    try {
      if (runNow(nodeFs, giveUp(claim))) clearInterval(timer);
    } catch (error) {
      clearInterval(timer);
      if (!isErrno(error)) throw error;
    }
  }, RETRY_MS);
  // The process may end: its end releases the claim too.
  timer.unref();
}

export type Outcome =
  | { readonly kind: 'acquired'; readonly handle: LockHandle }
  | { readonly kind: 'refused'; readonly error: WeldError }
  /** Somebody else moved at the same time; judging again tells who has it. */
  | { readonly kind: 'raced' };
