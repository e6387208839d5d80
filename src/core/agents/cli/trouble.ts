import { PROVIDERS, type Provider } from '../../config/providers';
import type { Ended } from '../../process/ports';
import { roughly } from '../../util/duration';
import type { FailureKind } from '../agent';
import { oneLine, type Report, type Stopped, type Trouble } from './agentReader';

const CODES: Readonly<Record<string, FailureKind>> = {
  authentication_failed: 'authentication',
  authentication_error: 'authentication',
  permission_error: 'authentication',
  oauth_org_not_allowed: 'authentication',
  billing_error: 'billing',
  insufficient_quota: 'billing',
  rate_limit: 'rate_limit',
  rate_limit_error: 'rate_limit',
  rate_limit_exceeded: 'rate_limit',
  usage_limit_reached: 'rate_limit',
  model_not_found: 'model',
  not_found_error: 'model',
  invalid_request: 'model',
  invalid_request_error: 'model',
  max_output_tokens: 'model',
  error_max_budget_usd: 'budget',
  error_max_turns: 'budget',
  overloaded: 'network',
  overloaded_error: 'network',
  server_error: 'network',
  api_error: 'network',
};

/** Used only when neither code nor status decides: phrases of the two programs. */
const WORDS: readonly (readonly [{ test(text: string): boolean }, FailureKind])[] = [
  [/credit balance|quota|billing|payment/iu, 'billing'],
  [/usage limit|rate.?limit|too many requests|session limit|weekly limit/iu, 'rate_limit'],
  [/api key|not logged in|log ?in|unauthorized|authenticat|forbidden|token (?:has )?expired/iu, 'authentication'],
  [/missing environment variable/iu, 'authentication'],
  [/malformed response|empty response|could not parse/iu, 'unreadable'],
  [
    {
      test: (text) =>
        text.split('\n').some(refusesModel) || /prompt is too long|context (?:window|length)|too large/iu.test(text),
    },
    'model',
  ],
  [/connection|network|disconnected|stream closed|timed? ?out|high demand|overloaded/iu, 'network'],
  [/ECONN|ENOTFOUND|EAI_AGAIN|socket|certificate|proxy/iu, 'network'],
];

/** Checking the first "model" of a line is enough: anything behind a later one is also behind the first. */
function refusesModel(line: string): boolean {
  const at = line.search(/\bmodel\b/iu);
  return at !== -1 && /not exist|not found|not supported|not have access|unavailable/iu.test(line.slice(at));
}

/** Classifies what went wrong: by code, then status, then words; `crash` when nothing matches. */
export function sortTrouble(trouble: Trouble): FailureKind {
  // Services report an empty account under several codes, so its plain words come first.
  if (
    trouble.status !== undefined &&
    trouble.status >= 400 &&
    trouble.status < 500 &&
    /credit balance|exceeded your current quota|billing details/iu.test(trouble.text)
  )
    return 'billing';
  const byCode = trouble.code === undefined ? undefined : CODES[trouble.code];
  const words = WORDS.find(([pattern]) => pattern.test(trouble.text))?.[1];
  // The programs also call a broken connection a server error; both count as network failures.
  return byCode ?? byStatus(trouble.status) ?? words ?? 'crash';
}

function byStatus(status: number | undefined): FailureKind | undefined {
  switch (status) {
    case undefined:
      return undefined;
    case 401:
    case 403:
      return 'authentication';
    case 402:
      return 'billing';
    case 429:
      return 'rate_limit';
    case 400:
    case 404:
    case 413:
    case 422:
      return 'model';
    case 408:
      return 'network';
    default:
      return status >= 500 ? 'network' : undefined;
  }
}

/** Parses a waiting time, such as "Please try again in 1m7.5s." @returns ms */
export function waitInWords(text: string): number | undefined {
  const found =
    /(?:try again|retry|reset[a-z]{0,8}) (?:in|after) (?:(\d{1,9})\s{0,4}h[a-z]{0,8}\s{0,4})?(?:(\d{1,9})\s{0,4}m(?!s)(?:in[a-z]{0,8})?\s{0,4})?(?:(\d{1,9}(?:\.\d{1,9})?)\s{0,4}(ms|s))?/iu.exec(
      text,
    );
  if (!found) return undefined;
  const [, hours, minutes, seconds, unit] = found;
  if (hours === undefined && minutes === undefined && seconds === undefined) return undefined;
  return Math.ceil(
    Number(hours ?? 0) * 3_600_000 +
      Number(minutes ?? 0) * 60_000 +
      Number(seconds ?? 0) * (unit?.toLowerCase() === 'ms' ? 1 : 1000),
  );
}

export interface Evidence {
  readonly ended: Ended;
  readonly report: Report;
  /** Why the watchdog ended the program, if it did. */
  readonly stopped: Stopped | undefined;
  /** Number of output lines that were not events. */
  readonly unreadable: number;
  /** Whether the program printed anything. */
  readonly printed: boolean;
  /** The person cancelled, or the lock was lost. */
  readonly cancelled: boolean;
  /** The last line of standard error. */
  readonly stderr: string;
}

export type Judgement =
  | { readonly ok: true; readonly answer: NonNullable<Report['answer']> }
  | { readonly ok: false; readonly failure: FailureKind; readonly words: string; readonly retryAfterMs?: number };

/** Judges how a program ended. Only its own report of success counts, never its exit code. */
export function judge(evidence: Evidence): Judgement {
  const { ended, report, stopped } = evidence;
  if (evidence.cancelled && ended.how === 'cancelled') return { ok: false, failure: 'cancelled', words: '' };
  if (report.answer) return { ok: true, answer: report.answer };
  switch (ended.how) {
    case 'missing':
      return { ok: false, failure: 'missing', words: '' };
    case 'crashed':
      return { ok: false, failure: 'crash', words: ended.why };
    case 'timeout':
      return {
        ok: false,
        failure: 'timeout',
        words: `it reached its time limit of ${roughly(ended.afterMs, Math.round)}`,
      };
    case 'cancelled':
    case 'silent':
      // Endless retries are the network's fault, not the model's.
      if (report.trouble) return troubled(report.trouble);
      return {
        ok: false,
        failure: 'timeout',
        words: stopped === 'silent' ? 'it made no progress for too long' : 'it was stopped from outside',
      };
    case 'exited':
    case 'signalled':
      if (report.trouble) return troubled(report.trouble);
      return ended.how === 'exited'
        ? exited(ended.exitCode, evidence)
        : { ok: false, failure: 'crash', words: `ended by ${ended.signal}` };
  }
}

function troubled(trouble: Trouble): Judgement {
  const failure = sortTrouble(trouble);
  const retryAfterMs = failure === 'rate_limit' ? (trouble.retryAfterMs ?? waitInWords(trouble.text)) : undefined;
  return { ok: false, failure, words: trouble.text, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function exited(exitCode: number, evidence: Evidence): Judgement {
  if (evidence.unreadable > 0 && exitCode === 0)
    return { ok: false, failure: 'unreadable', words: `${evidence.unreadable} lines were not events` };
  if (exitCode === 0)
    return {
      ok: false,
      failure: 'no_answer',
      words: evidence.printed ? 'it never said how the task ended' : 'it printed nothing',
    };
  const failure = evidence.stderr === '' ? 'crash' : sortTrouble({ text: evidence.stderr });
  return { ok: false, failure, words: [`exit ${exitCode}`, evidence.stderr].filter((word) => word !== '').join(': ') };
}

export interface FailureDetails {
  readonly provider: Provider;
  /** The program's own words, without secrets. */
  readonly words: string;
  readonly retryAfterMs?: number | undefined;
  /** The configured program. */
  readonly exec: string;
}

/** One sentence for a failure: what happened, the program's own words in brackets, and what to do. */
export function failureSentence(failure: FailureKind, details: FailureDetails): string {
  const words = firstSentences(oneLine(details.words)).replace(/(?<![.;\s])[.;\s]+$/u, '');
  return SENTENCES[failure](PROVIDERS[details.provider].label, words === '' ? '' : ` (${words})`, details);
}

const UNEXPECTED = (name: string, said: string): string =>
  `${name} ended unexpectedly${said}; see the Weld log and try again, or choose another agent.`;

/** @param said the program's own words in brackets, with a space before; empty when there are none */
const SENTENCES: Readonly<Record<FailureKind, (name: string, said: string, details: FailureDetails) => string>> = {
  authentication: (name, said, { provider }) =>
    `${name} is not logged in, or its key was refused${said}; open a terminal, run "${PROVIDERS[provider].login}", ` +
    'then continue.',
  rate_limit: (name, said, { retryAfterMs }) =>
    `The service of ${name} limits requests for now${said}; retry in ` +
    `${retryAfterMs === undefined ? 'a while' : roughly(retryAfterMs, Math.ceil)}, or choose another agent.`,
  model: (name, said) =>
    `The service of ${name} refused the model or the request${said}; choose another model or agent with ` +
    '"Weld: Choose Agents".',
  billing: (name, said) =>
    `The account of ${name} has no credit left, or its quota is used up${said}; check the account, or choose ` +
    'another agent with "Weld: Choose Agents".',
  network: (name, said) =>
    `${name} could not reach its service, or the service failed${said}; check the connection and continue, or ` +
    'choose another agent.',
  budget: (name, said) => `${name} stopped at its own limit${said}; raise the limit or continue.`,
  unreadable: (name, said) =>
    `What ${name} printed could not be read${said}; update the program, or choose another agent.`,
  no_answer: (name, said) => `${name} ended without an answer${said}; try again, or choose another agent.`,
  missing: (name, _said, { exec }) =>
    `${name} was not found as "${exec}"; install it, name the program in .weld/config.toml, or choose another ` +
    'agent with "Weld: Choose Agents".',
  timeout: (name, said) => `${name} was ended${said}; continue, or choose another agent.`,
  cancelled: (name) => `${name} was stopped.`,
  crash: UNEXPECTED,
  needs_person: UNEXPECTED,
};

/** The first sentences of a long explanation: they say what happened. */
function firstSentences(words: string): string {
  const [first = '', ...more] = words.split(/(?<=[.!?])\s+/u);
  let kept = first;
  for (const sentence of more) {
    if (kept.length + sentence.length > 100) break;
    kept += ` ${sentence}`;
  }
  return kept;
}
