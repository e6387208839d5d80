import type { FailureKind } from '../core/agents/agent';
import { type AgentKind, isProvider } from '../core/config/providers';

/**
 * What a person can do about an agent that failed: log in, try once more later, see to the limits, or let another one
 * do it.
 */
export type Help = 'logIn' | 'later' | 'limits' | 'another';

/** What helps after a failure, best first; *Resume* and the log stand beside it anyway. */
export function helps(failure: FailureKind, agent: AgentKind): readonly Help[] {
  switch (failure) {
    case 'authentication':
      return isProvider(agent) ? ['logIn', 'another'] : ['another'];
    case 'rate_limit':
    case 'network':
      return ['later', 'another'];
    case 'budget':
      return ['limits', 'another'];
    case 'missing':
    case 'model':
    case 'billing':
    case 'unreadable':
    case 'no_answer':
      return ['another'];
    case 'crash':
    case 'timeout':
    case 'cancelled':
    case 'needs_person':
      return [];
  }
}
