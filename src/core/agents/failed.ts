import { type ErrorCode, WeldError } from '../errors';
import type { Agent, AgentKind, AgentResult, FailureKind } from './types';

/** How an agent failed, for whoever offers what helps. */
export interface AgentFailure {
  readonly kind: FailureKind;
  readonly agent: AgentKind;
  /** How long the service said to wait, in ms, where it did. */
  readonly retryAfterMs?: number;
}

/** An agent's failure as an operation throws it: the sentence, and what it takes to offer the next thing to do. */
export class AgentFailedError extends WeldError {
  override readonly name = 'AgentFailedError';
  constructor(
    code: ErrorCode,
    message: string,
    readonly failure: AgentFailure,
  ) {
    super(code, message);
  }
}

export function failureOf(agent: Pick<Agent, 'kind'>, result: Extract<AgentResult, { ok: false }>): AgentFailure {
  return {
    kind: result.failure,
    agent: agent.kind,
    ...(result.retryAfterMs !== undefined && { retryAfterMs: result.retryAfterMs }),
  };
}
