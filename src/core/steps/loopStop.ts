import { AgentFailedError, type AgentFailure } from '../agents/agent';
import { type ErrorCode, reason, WeldError } from '../util/errors';
import type { StopReason } from './results';

/** Ends a loop in order: thrown by a phase, turned into the loop's result. */
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
  /** How the agent failed, where it was the agent. */
  readonly failure?: AgentFailure;
}

/** What has to be known to say why work ended. */
export interface Ending {
  /** Why the lock is lost; null while it is held. */
  readonly lost: Error | null;
  readonly cancelled: boolean;
  readonly outOfTime: boolean;
}

/** Whatever a phase threw, as the loop's reason and one sentence. A lost lock outweighs all: nothing may follow it. */
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

/** What a guest did beyond its task is told after Stop too: the next look takes the repository as it finds it. */
const beyond = (error: unknown): string | null =>
  error instanceof WeldError && error.code === 'VIOLATION' ? `Stopped. ${error.message}` : null;

/** A stop as an operation that is not a loop throws it. */
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
