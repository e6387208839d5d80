import type { FailureKind } from '../types';
import { oneLine } from './fields';

/** The command that logs a person in, as they type it in a terminal. */
export const LOGIN = { claude: 'claude auth login', codex: 'codex login' } as const;

export interface Told {
  readonly kind: 'claude' | 'codex';
  /** The agent as people know it, such as "Claude Code". */
  readonly name: string;
  /** The program's own words, already free of secrets. */
  readonly words: string;
  readonly retryAfterMs?: number | undefined;
  /** The configured program. */
  readonly exec: string;
}

/** One sentence for a failure: what happened, in brackets the program's own words, and what to do. */
export function failureSentence(failure: FailureKind, told: Told): string {
  const { kind, name, exec } = told;
  const words = firstSentences(oneLine(told.words)).replace(/(?<![.;\s])[.;\s]+$/u, '');
  const said = words === '' ? '' : ` (${words})`;
  switch (failure) {
    case 'authentication':
      return (
        `${name} is not logged in, or its key was refused${said}; open a terminal, run "${LOGIN[kind]}", ` +
        'then continue.'
      );
    case 'rate_limit':
      return (
        `The service of ${name} limits requests for now${said}; retry in ${wait(told.retryAfterMs)}, or choose ` +
        'another agent.'
      );
    case 'model':
      return (
        `The service of ${name} refused the model or the request${said}; choose another model or agent with ` +
        '"Weld: Choose Agents".'
      );
    case 'billing':
      return (
        `The account of ${name} has no credit left, or its quota is used up${said}; see to the ` +
        'account, or choose ' +
        'another agent with "Weld: Choose Agents".'
      );
    case 'network':
      return (
        `${name} could not reach its service, or the service failed${said}; check the connection and ` +
        'continue, or ' +
        'choose another agent.'
      );
    case 'budget':
      return `${name} stopped at its own limit${said}; raise the limit or continue.`;
    case 'unreadable':
      return `What ${name} printed could not be read${said}; update the program, or choose another agent.`;
    case 'no_answer':
      return `${name} ended without an answer${said}; try again, or choose another agent.`;
    case 'missing':
      return (
        `${name} was not found as "${exec}"; install it, name the program in .weld/config.toml, or ` +
        'choose another ' +
        'agent with "Weld: Choose Agents".'
      );
    case 'timeout':
      return `${name} was ended${said}; continue, or choose another agent.`;
    case 'cancelled':
      return `${name} was stopped.`;
    case 'crash':
    case 'needs_person':
      return `${name} ended unexpectedly${said}; see the Weld log and try again, or choose another agent.`;
  }
}

/** The programs explain themselves at length; the beginning says what happened. */
function firstSentences(words: string): string {
  const [first = '', ...more] = words.split(/(?<=[.!?])\s+/u);
  let kept = first;
  for (const sentence of more) {
    if (kept.length + sentence.length > 100) break;
    kept += ` ${sentence}`;
  }
  return kept;
}

function wait(ms: number | undefined): string {
  if (ms === undefined) return 'a while';
  return ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`;
}
