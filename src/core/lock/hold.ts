import { isErrno } from '../errors';
import type { Claim } from './claim';
import { describeHolder } from './describe';
import type { LockFs } from './fs';
import { assertClaim, heartbeat, lose, release } from './held';
import { runNow } from './program';
import { LockLostError, type LockRecord, type RunLock } from './types';

export interface HoldOptions {
  readonly fs: LockFs;
  /** In ms. */
  readonly heartbeatMs: number;
  /** Wall-clock ms since 1970. */
  readonly now: () => number;
  /** Who has the lock now, for the sentence; null when that cannot be told. */
  readonly successor: () => LockRecord | null;
  /** Takes the claim over once it is free, its descriptor still open. */
  readonly released: (claim: Claim) => void;
}

/** Holding is heartbeating: there is no way to have a claim as a `RunLock` without its timer running. */
export function hold(claim: Claim, options: HoldOptions): RunLock {
  return new HeldLock(claim, options) as unknown as RunLock;
}

class HeldLock {
  /** Made when somebody asks: most short operations never do. */
  private abort: AbortController | undefined;
  private readonly timer: NodeJS.Timeout;
  private state: 'held' | 'lost' | 'released' = 'held';

  constructor(private readonly claim: Claim, private readonly options: HoldOptions) {
    this.timer = setInterval(() => { this.beat(); }, options.heartbeatMs);
    // A process that has nothing else to do may end; its claim is then seen to be dead.
    this.timer.unref();
  }

  get weldDir(): string { return this.claim.names.weldDir; }
  get record(): LockRecord { return this.claim.record; }
  get signal(): AbortSignal {
    if (!this.abort) {
      this.abort = new AbortController();
      if (this.state === 'lost') this.abort.abort(this.lost());
    }
    return this.abort.signal;
  }

  assertHeld(): void {
    if (this.state === 'held' && !runNow(this.options.fs, assertClaim(this.claim))) this.lose();
    if (this.state === 'lost') throw this.lost();
    if (this.state === 'released') throw new LockLostError('This operation has already given its run lock back; start it again.');
  }

  async release(): Promise<void> {
    if (this.state !== 'held') return;
    this.state = 'released';
    // The timer goes first: once the descriptor is closed its number may be another file's.
    clearInterval(this.timer);
    try {
      runNow(this.options.fs, release(this.claim));
    } catch (error) {
      this.options.fs.close(this.claim.handle);
      throw error;
    }
    this.options.released(this.claim);
    await Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  private beat(): void {
    if (this.state !== 'held') return;
    try {
      if (!runNow(this.options.fs, heartbeat(this.claim, this.options.now()))) this.lose();
    } catch (error) {
      // A full disk or a share that hiccups is no loss; the next beat tries again, every write asserts by itself.
      if (!isErrno(error)) throw error;
    }
  }

  private lose(): void {
    this.state = 'lost';
    clearInterval(this.timer);
    try {
      runNow(this.options.fs, lose(this.claim));
    } catch (error) {
      // On a full disk the claim stays as it is, until this process ends.
      if (!isErrno(error)) throw error;
    } finally {
      this.abort?.abort(this.lost());
    }
  }

  private lost(): LockLostError {
    const by = this.options.successor();
    const what = by ? `taken over by ${describeHolder(by, this.options.now())}` : 'removed or replaced by another program';
    return new LockLostError(`The run lock was ${what}; this operation stopped before its next write, look at the run before you continue.`);
  }
}
