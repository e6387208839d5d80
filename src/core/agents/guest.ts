import type { Guest } from '../guard/types';
import type { Agent } from './types';

/** An agent as the guard sees it. A recording is played inside this process, and a person is no guest. */
export function guestOf(agent: Agent): Guest {
  return {
    kind: 'agent',
    name: agent.kind,
    label: agent.label,
    ...(agent.kind === 'manual' && { person: true }),
    ...(agent.kind === 'replay' && { inProcess: true }),
  };
}
