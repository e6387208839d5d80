import { refuse } from './service/turns';
import { BILLING, type Case, login, testFailures } from './support/failures';

const CODEX: readonly Case[] = [
  {
    name: 'a refused key, at its first refusal',
    turn: refuse(401, 'invalid_api_key', 'Incorrect API key provided'),
    failure: 'authentication',
    helps: login('codex login'),
    calls: 2,
  },
  {
    name: 'a key without permission',
    turn: refuse(403, 'forbidden', 'not for you'),
    failure: 'authentication',
    helps: login('codex login'),
    calls: 2,
  },
  {
    name: 'an unknown model',
    turn: refuse(404, 'model_not_found', 'The model none does not exist'),
    failure: 'model',
    helps: /choose another model/u,
  },
  {
    name: 'a model that the account may not use',
    turn: refuse(400, 'invalid_request_error', 'The model is not supported with this account.'),
    failure: 'model',
    helps: /choose another model/u,
  },
  {
    name: 'a rate limit that is short',
    turn: refuse(429, 'rate_limit_exceeded', 'Rate limit reached. Please try again in 1s.', { 'retry-after': '1' }),
    failure: 'rate_limit',
    helps: /retry in/u,
  },
  {
    name: 'a rate limit that is long, told in a stream',
    failure: 'rate_limit',
    helps: /retry in 300 s|retry in 5 min/u,
    calls: 1,
    retryAfterMs: [300_000, 300_000],
    turn: {
      kind: 'raw',
      body:
        'event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\nevent: ' +
        'response.failed\ndata: ' +
        '{"type":"response.failed","response":{"id":"r","error":{"code":"rate_limit_exceeded","message":"Rate ' +
        'limit reached. Please try again in 300s."}}}\n\n',
    },
  },
  {
    name: 'a quota that is used up',
    turn: refuse(
      429,
      'insufficient_quota',
      'You exceeded your current quota, please check your plan and billing details.',
    ),
    failure: 'billing',
    helps: BILLING,
  },
  {
    name: 'a usage limit',
    turn: refuse(429, 'usage_limit_reached', 'limit'),
    failure: 'rate_limit',
    helps: /choose another agent/u,
  },
  {
    name: 'an error of the service',
    turn: refuse(500, 'server_error', 'oops'),
    failure: 'network',
    helps: /continue/u,
  },
  { name: 'an overloaded service', turn: refuse(529, 'overloaded', 'x'), failure: 'network', helps: /continue/u },
  { name: 'a dropped connection', turn: { kind: 'drop' }, failure: 'network', helps: /continue/u },
  { name: 'malformed events', turn: { kind: 'garbage' }, failure: 'network', helps: /continue/u },
];

testFailures('codex', CODEX);
