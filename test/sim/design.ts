import type { Program } from '../../src/core/lock/program';
import type { MemoryFs } from './memoryFs';

/** What an actor knows of the world besides files. */
export interface Around {
  /** Its own pid. */
  readonly pid: number;
  /** Unlike any other acquisition's. */
  readonly token: string;
  /** Wall-clock ms. */
  readonly now: number;
  /** False when the process is gone. */
  mayLive(pid: number): boolean;
}

/**
 * A lock design as the simulation drives it. `H` is what a holder keeps; it is plain data, copied freely.
 * The real protocol and the naive ones are compared through this one door.
 */
export interface Design<H> {
  readonly name: string;
  /**
   * One attempt; `last`: what this process released last, used up by the call; `takeOver`: displace a live holder with
   * this token. @returns null when it did not get the lock
   */
  acquire(around: Around, last: H | null, takeOver?: string): Program<H | null>;
  /** @returns false when the lock is lost */
  assertHeld(around: Around, held: H): Program<boolean>;
  heartbeat(around: Around, held: H): Program<boolean>;
  release(around: Around, held: H): Program<void>;
  /** The token on screen of who would take over; null when nobody holds it. */
  show(around: Around): Program<string | null>;
  copy(held: H): H;
  /** Orders acquisitions: a successor's is higher; 0 where the design has no such number. */
  epoch(held: H): number;
  /** What is wrong with the record that proves this holder's lock; null: nothing. */
  damaged(fs: MemoryFs, held: H, pid: number): string | null;
  /** That record is `active.lock` itself, which anybody's `rm` removes. */
  readonly proofIsFace: boolean;
}

export const FACE = '/w/active.lock';
/** The folder of claims. */
export const LOG = '/w/lock';
