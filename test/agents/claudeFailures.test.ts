import { refuse } from './service/turns';
import { BILLING, type Case, login, testFailures } from './support/failures';

const CLAUDE: readonly Case[] = [
  {
    name: 'a refused key, at its first refusal',
    turn: refuse(401, 'authentication_error', 'invalid x-api-key'),
    failure: 'authentication',
    helps: login('claude auth login'),
    calls: 2,
  },
  {
    name: 'a key without permission',
    turn: refuse(403, 'permission_error', 'not for you'),
    failure: 'authentication',
    helps: login('claude auth login'),
    calls: 2,
  },
  {
    name: 'an unknown model',
    turn: refuse(404, 'not_found_error', 'model: none'),
    failure: 'model',
    helps: /choose another model/u,
  },
  {
    name: 'a rate limit that is short',
    turn: refuse(429, 'rate_limit_error', 'slow down', { 'retry-after': '1' }),
    failure: 'rate_limit',
    helps: /retry in \d+ s/u,
    retryAfterMs: [500, 10_000],
  },
  {
    name: 'a rate limit that is long',
    turn: refuse(429, 'rate_limit_error', 'slow down', { 'retry-after': '7200' }),
    failure: 'rate_limit',
    helps: /retry in/u,
    calls: 2,
  },
  {
    name: 'an empty account',
    turn: refuse(400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
    failure: 'billing',
    helps: BILLING,
  },
  {
    name: 'a payment that is due',
    turn: refuse(402, 'billing_error', 'pay first'),
    failure: 'billing',
    helps: BILLING,
  },
  { name: 'an error of the service', turn: refuse(500, 'api_error', 'oops'), failure: 'network', helps: /continue/u },
  {
    name: 'an overloaded service',
    turn: refuse(529, 'overloaded_error', 'Overloaded'),
    failure: 'network',
    helps: /continue/u,
  },
  { name: 'a dropped connection', turn: { kind: 'drop' }, failure: 'network', helps: /continue/u },
  { name: 'malformed events', turn: { kind: 'garbage' }, failure: 'unreadable', helps: /update the program/u },
];

testFailures('claude', CLAUDE);
