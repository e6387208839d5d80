import type { Program } from '../../src/core/lock/program';
import type { MemoryFs } from './memoryFs';

/** What an actor knows besides files. */
export interface Around {
  /** The actor's pid. */
  readonly pid: number;
  /** Unique for each acquisition. */
  readonly token: string;
  /** Wall-clock ms. */
  readonly now: number;
  /** False if the process is gone. */
  mayLive(pid: number): boolean;
}

/** A lock design under simulation, real or naive. `H` is the state of a holder: plain data that can be copied. */
export interface Design<H> {
  readonly name: string;
  /**
   * Makes one attempt. `last`: what this process released last, consumed by the call; `takeOver`: displaces a live
   * holder with this token. @returns null if it did not get the lock
   */
  acquire(around: Around, last: H | null, takeOver?: string): Program<H | null>;
  /** @returns false if the lock is lost */
  assertHeld(around: Around, held: H): Program<boolean>;
  heartbeat(around: Around, held: H): Program<boolean>;
  release(around: Around, held: H): Program<void>;
  /** The token that a person who would take over sees; null if nobody holds the lock. */
  show(around: Around): Program<string | null>;
  copy(held: H): H;
  /** Orders acquisitions: a successor's is higher; 0 if the design has no such number. */
  epoch(held: H): number;
  /** What is wrong with the record that proves this holder's lock, or null. */
  damaged(fs: MemoryFs, held: H, pid: number): string | null;
  /** Whether that record is `active.lock` itself, which any `rm` removes. */
  readonly proofIsFace: boolean;
}

export const FACE = '/w/active.lock';
/** The folder of claims. */
export const LOG = '/w/lock';
