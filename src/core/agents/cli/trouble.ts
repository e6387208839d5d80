import type { FailureKind } from '../types';

/** What a program or its service said went wrong, in its own words and numbers. */
export interface Trouble {
  /** HTTP status of the service, where it is known. */
  readonly status?: number | undefined;
  /** The program's own name for it, such as `billing_error`. */
  readonly code?: string | undefined;
  readonly text: string;
  /** How long the service said to wait, in ms. */
  readonly retryAfterMs?: number | undefined;
}

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

/** Read only where neither code nor status decides: the words that the two programs use. */
const WORDS: readonly (readonly [{ test(text: string): boolean }, FailureKind])[] = [
  [/credit balance|quota|billing|payment/iu, 'billing'],
  [/usage limit|rate.?limit|too many requests|session limit|weekly limit/iu, 'rate_limit'],
  [
    /api key|not logged in|log ?in|unauthorized|authenticat|forbidden|token (?:has )?expired|missing environment variable/iu,
    'authentication',
  ],
  [/malformed response|empty response|could not parse/iu, 'unreadable'],
  [
    {
      test: (text) =>
        text.split('\n').some(refusesModel) || /prompt is too long|context (?:window|length)|too large/iu.test(text),
    },
    'model',
  ],
  [
    /connection|network|disconnected|stream closed|timed? ?out|high demand|overloaded|ECONN|ENOTFOUND|EAI_AGAIN|socket|certificate|proxy/iu,
    'network',
  ],
];

/** The first "model" of a line is enough: what a later one is followed by follows the first as well. */
function refusesModel(line: string): boolean {
  const at = line.search(/\bmodel\b/iu);
  return at !== -1 && /not exist|not found|not supported|not have access|unavailable/iu.test(line.slice(at));
}

/** Sorts what went wrong; `crash` when nothing tells. Codes are judged first, then status, then words. */
export function sortTrouble(trouble: Trouble): FailureKind {
  // Services report an empty account under several codes, so its plain words count before them.
  if (
    trouble.status !== undefined &&
    trouble.status >= 400 &&
    trouble.status < 500 &&
    /credit balance|exceeded your current quota|billing details/iu.test(trouble.text)
  )
    return 'billing';
  const byCode = trouble.code === undefined ? undefined : CODES[trouble.code];
  const words = WORDS.find(([pattern]) => pattern.test(trouble.text))?.[1];
  // The programs call a broken connection a server error as well; both are the network's.
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

/** A time to wait that stands in words, such as "Please try again in 1m7.5s." @returns ms */
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
