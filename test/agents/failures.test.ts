import { describe, expect, test } from 'vitest';
import type { FailureKind } from '../../src/core/agents/types';
import { refuse, type Turn } from './service/turns';
import { ask, makeWorld } from './support/world';

interface Case {
  readonly name: string;
  readonly turn: Turn;
  readonly failure: FailureKind;
  /** Part of the sentence that helps. */
  readonly helps: RegExp;
  /** Most requests that the service may see. */
  readonly calls?: number;
  readonly retryAfterMs?: readonly [number, number];
}

const billing = /see to the account/u;
const login = (command: string): RegExp => new RegExp(`run "${command}"`, 'u');

const CLAUDE: readonly Case[] = [
  { name: 'a refused key, at its first refusal', turn: refuse(401, 'authentication_error', 'invalid x-api-key'), failure: 'authentication', helps: login('claude auth login'), calls: 2 },
  { name: 'a key without permission', turn: refuse(403, 'permission_error', 'not for you'), failure: 'authentication', helps: login('claude auth login'), calls: 2 },
  { name: 'an unknown model', turn: refuse(404, 'not_found_error', 'model: none'), failure: 'model', helps: /choose another model/u },
  { name: 'a rate limit that is short', turn: refuse(429, 'rate_limit_error', 'slow down', { 'retry-after': '1' }), failure: 'rate_limit', helps: /retry in \d+ s/u, retryAfterMs: [500, 10_000] },
  { name: 'a rate limit that is long', turn: refuse(429, 'rate_limit_error', 'slow down', { 'retry-after': '7200' }), failure: 'rate_limit', helps: /retry in/u, calls: 2 },
  { name: 'an empty account', turn: refuse(400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), failure: 'billing', helps: billing },
  { name: 'a payment that is due', turn: refuse(402, 'billing_error', 'pay first'), failure: 'billing', helps: billing },
  { name: 'an error of the service', turn: refuse(500, 'api_error', 'oops'), failure: 'network', helps: /resume/u },
  { name: 'an overloaded service', turn: refuse(529, 'overloaded_error', 'Overloaded'), failure: 'network', helps: /resume/u },
  { name: 'a dropped connection', turn: { kind: 'drop' }, failure: 'network', helps: /resume/u },
  { name: 'malformed events', turn: { kind: 'garbage' }, failure: 'unreadable', helps: /update the program/u },
];

const CODEX: readonly Case[] = [
  { name: 'a refused key, at its first refusal', turn: refuse(401, 'invalid_api_key', 'Incorrect API key provided'), failure: 'authentication', helps: login('codex login'), calls: 2 },
  { name: 'a key without permission', turn: refuse(403, 'forbidden', 'not for you'), failure: 'authentication', helps: login('codex login'), calls: 2 },
  { name: 'an unknown model', turn: refuse(404, 'model_not_found', 'The model none does not exist'), failure: 'model', helps: /choose another model/u },
  { name: 'a model that the account may not use', turn: refuse(400, 'invalid_request_error', 'The model is not supported with this account.'), failure: 'model', helps: /choose another model/u },
  { name: 'a rate limit that is short', turn: refuse(429, 'rate_limit_exceeded', 'Rate limit reached. Please try again in 1s.', { 'retry-after': '1' }), failure: 'rate_limit', helps: /retry in/u },
  {
    name: 'a rate limit that is long, told in a stream', failure: 'rate_limit', helps: /retry in 300 s|retry in 5 min/u, calls: 1, retryAfterMs: [300_000, 300_000],
    turn: { kind: 'raw', body: 'event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\nevent: response.failed\ndata: {"type":"response.failed","response":{"id":"r","error":{"code":"rate_limit_exceeded","message":"Rate limit reached. Please try again in 300s."}}}\n\n' },
  },
  { name: 'a quota that is used up', turn: refuse(429, 'insufficient_quota', 'You exceeded your current quota, please check your plan and billing details.'), failure: 'billing', helps: billing },
  { name: 'a usage limit', turn: refuse(429, 'usage_limit_reached', 'limit'), failure: 'rate_limit', helps: /choose another agent/u },
  { name: 'an error of the service', turn: refuse(500, 'server_error', 'oops'), failure: 'network', helps: /resume/u },
  { name: 'an overloaded service', turn: refuse(529, 'overloaded', 'x'), failure: 'network', helps: /resume/u },
  { name: 'a dropped connection', turn: { kind: 'drop' }, failure: 'network', helps: /resume/u },
  { name: 'malformed events', turn: { kind: 'garbage' }, failure: 'network', helps: /resume/u },
];

describe.each([{ kind: 'claude', protocol: 'anthropic', cases: CLAUDE }, { kind: 'codex', protocol: 'openai', cases: CODEX }] as const)('failures of $kind', ({ kind, protocol, cases }) => {
  test.each(cases)('$name: $failure', async ({ turn, failure, helps, calls, retryAfterMs }) => {
    const world = await makeWorld();
    world.service.script(protocol, [turn]);
    const { result } = await ask(world, world[kind]());
    if (result.ok) throw new Error('it succeeded');
    expect(result).toMatchObject({ failure });
    expect(result.message).toMatch(helps);
    expect(result.message).not.toMatch(/\n|127\.0\.0\.1/u);
    expect(result.usage.sessionId).toBeDefined();
    if (calls !== undefined) expect(world.service.calls.length).toBeLessThanOrEqual(calls);
    if (retryAfterMs) {
      expect(result.retryAfterMs).toBeGreaterThanOrEqual(retryAfterMs[0]);
      expect(result.retryAfterMs).toBeLessThanOrEqual(retryAfterMs[1]);
    }
    expect(world.left()).toEqual([]);
  });

  test('a service that stalls is not waited for without end', async () => {
    const world = await makeWorld();
    world.service.script(protocol, [{ kind: 'stall' }]);
    const { result } = await ask(world, world[kind]({ silenceMs: 12_000 }));
    expect(result).toMatchObject({ ok: false, failure: 'timeout', message: expect.stringContaining('no sign of progress') as string });
    expect(world.left()).toEqual([]);
  });

  test('a service that cannot be reached is the network, whatever the program tries', async () => {
    const world = await makeWorld();
    await world.service.stop();
    const { result } = await ask(world, world[kind]({ silenceMs: 12_000 }));
    expect(result).toMatchObject({ ok: false, failure: 'network' });
    expect(world.left()).toEqual([]);
  });

  test('the time limit holds while text flows', async () => {
    const world = await makeWorld();
    world.service.script(protocol, [{ kind: 'say', text: 'word '.repeat(2000), everyMs: 5_000 }]);
    const { result } = await ask(world, world[kind](), { timeoutMs: 15_000 });
    expect(result).toMatchObject({ ok: false, failure: 'timeout', message: expect.stringContaining('15 s') as string });
    expect(world.left()).toEqual([]);
  });

  test('a program that is not there', async () => {
    const world = await makeWorld();
    expect((await ask(world, world[kind]({ exec: 'no-such-agent' }))).result).toMatchObject({ ok: false, failure: 'missing', message: expect.stringContaining('"no-such-agent"') as string });
  });

  test('flags that the program does not know', async () => {
    const world = await makeWorld();
    const { result } = await ask(world, world[kind]({ model: '' }), { sessionId: '--no-such-flag' });
    expect(result.ok).toBe(false);
    expect(world.left()).toEqual([]);
  });
});
