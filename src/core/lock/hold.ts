import { isErrno, type WeldError } from '../util/errors';
import { assertClaim, type Claim, giveUp } from './claim';
import { nodeFs } from './fs';
import { io, type Program, runNow } from './program';
import { beaten, describeHolder, formatRecord } from './record';
import { LockLostError, type LockRecord, type RunLock } from './runLock';

/** A lock that this process holds, by either mechanism. */
export interface LockHandle {
  readonly weldDir: string;
  readonly record: LockRecord;
  /** Number of times that the whole lock was removed and taken again. */
  readonly removals: number;
  /** @returns false when the lock is lost */
  assert(): boolean;
  /** Writes a heartbeat. @param at wall-clock ms; @returns false when the lock is lost */
  beat(at: number): boolean;
  release(): void | Promise<void>;
  /** Closes and frees what is left after the lock was lost. */
  lose(): void;
  /** Who displaced this holder; null when that cannot be found. */
  successor(): LockRecord | null;
}

/**
 * Makes a `RunLock` of a handle and starts its heartbeat, so that no `RunLock` exists without one.
 * @param heartbeatMs time in ms between two heartbeats
 */
export function hold(handle: LockHandle, heartbeatMs: number): RunLock {
  return new HeldLock(handle, heartbeatMs) as unknown as RunLock;
}

class HeldLock {
  /** Made on first use, because most short operations never use it. */
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
    // The timer must not keep the process alive; once it ends, others see that the lock's holder is dead.
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
      throw new LockLostError('This operation has already released its run lock; start it again.');
  }

  async release(): Promise<void> {
    if (this.state !== 'held') return;
    this.state = 'released';
    // The timer stops first: once the descriptor is closed, its number may be reused for another file.
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
      // A full disk or a share that fails briefly loses no lock: the next beat tries again, and every write asserts.
      if (!isErrno(error)) throw error;
    }
  }

  private lose(): void {
    // Read at once, because the new holder may release the lock a moment later.
    const by = this.handle.successor();
    const what = by ? `taken over by ${describeHolder(by, Date.now())}` : 'removed or replaced by another program';
    this.state = new LockLostError(
      `The run lock was ${what}; this operation stopped before its next write; check the run before you continue.`,
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

/** Writes the claim's new heartbeat time. @param at wall-clock ms; @returns false when the lock is lost */
export function* heartbeat(claim: Claim, at: number): Program<boolean> {
  if (!(yield* assertClaim(claim))) return false;
  claim.record = beaten(claim.record, at);
  yield* io.write(claim.handle, formatRecord(claim.record));
  return true;
}

/** Time between two attempts to release a claim that the disk refused to mark free, in ms. */
const RETRY_MS = 1_000;

/**
 * Retries to release a claim until the disk, which may be full, allows it: otherwise the claim would keep others out
 * for as long as this process lives.
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
  // The timer must not keep the process alive, whose end releases the claim too.
  timer.unref();
}

export type Outcome =
  | { readonly kind: 'acquired'; readonly handle: LockHandle }
  | { readonly kind: 'refused'; readonly error: WeldError }
  /** Another process acted at the same time; judging again shows who holds the lock. */
  | { readonly kind: 'raced' };
