import type { FailureKind } from '../core/agents/agent';
import { type AgentKind, isProvider } from '../core/config/providers';

/** What a person can do after an agent failed: log in, retry later, change the limits, or choose another agent. */
export type RecoveryOption = 'logIn' | 'later' | 'limits' | 'another';

/** @returns the options after a failure, best first; the message may add *Continue* and *Show Log* */
export function recoveryOptions(failure: FailureKind, agent: AgentKind): readonly RecoveryOption[] {
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
