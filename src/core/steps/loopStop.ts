import { AgentFailedError, type AgentFailure } from '../agents/agent';
import { type ErrorCode, reason, WeldError } from '../util/errors';
import type { StopReason } from './results';

/** Ends a loop cleanly: a phase throws it, and the loop turns it into its result. */
export class Stop extends Error {
  override readonly name = 'Stop';
  constructor(
    readonly why: StopReason,
    message: string,
    readonly failure?: AgentFailure,
    readonly code?: ErrorCode,
  ) {
    super(message);
  }
}

/** Why a loop ended: the reason, and a sentence for the person. */
export interface Stopped {
  readonly reason: StopReason;
  readonly message: string;
  /** How the agent failed, if the agent was the cause. */
  readonly failure?: AgentFailure;
}

/** What `stopOf` needs to know besides the error. */
export interface Ending {
  /** Why the lock was lost; null while it is held. */
  readonly lost: Error | null;
  readonly cancelled: boolean;
  readonly outOfTime: boolean;
}

/**
 * Turns whatever a phase threw into the loop's reason and one sentence. A lost lock comes first, because nothing may be
 * written after it.
 */
export function stopOf(error: unknown, ending: Ending): Stopped {
  if (error instanceof WeldError && error.code === 'LOCK_LOST') return { reason: 'lock_lost', message: error.message };
  if (ending.lost) return { reason: 'lock_lost', message: ending.lost.message };
  if (ending.cancelled || (!ending.outOfTime && error instanceof WeldError && error.code === 'CANCELLED'))
    return { reason: 'cancelled', message: beyond(error) ?? 'Stopped; Continue picks up where it stopped.' };
  if (ending.outOfTime)
    return {
      reason: 'budget',
      message: 'The time of loop.max_minutes is used up; Continue picks up where it stopped.',
    };
  if (error instanceof WeldError && error.code === 'VIOLATION') return { reason: 'violation', message: error.message };
  if (error instanceof Stop)
    return { reason: error.why, message: error.message, ...(error.failure && { failure: error.failure }) };
  return { reason: 'agent_failed', message: reason(error) };
}

/** A violation is reported even after Stop, because the next operation accepts the repository as it finds it. */
const beyond = (error: unknown): string | null =>
  error instanceof WeldError && error.code === 'VIOLATION' ? `Stopped. ${error.message}` : null;

/** Turns a `Stop` into the error that an operation outside a loop throws; other errors stay as they are. */
export function asError(error: unknown): unknown {
  if (!(error instanceof Stop)) return error;
  const code =
    error.code ??
    (error.failure?.kind === 'needs_person'
      ? 'NEEDS_PERSON'
      : error.why === 'cancelled'
        ? 'CANCELLED'
        : error.why === 'violation'
          ? 'VIOLATION'
          : 'AGENT_FAILED');
  return error.failure ? new AgentFailedError(code, error.message, error.failure) : new WeldError(code, error.message);
}
