import { describe, expect, test } from 'vitest';
import type { FailureKind } from '../../../src/core/agents/agent';
import type { Turn } from '../service/turns';
import { ask, makeWorld } from './world';

export interface Case {
  readonly name: string;
  readonly turn: Turn;
  readonly failure: FailureKind;
  /** Part of the sentence that says what to do. */
  readonly helps: RegExp;
  /** Maximum number of requests to the service. */
  readonly calls?: number;
  readonly retryAfterMs?: readonly [number, number];
}

export const BILLING = /check the account/u;
export const login = (command: string): RegExp => new RegExp(`run "${command}"`, 'u');

/** Tests the failures of a program for the given cases of its service, and those common to both programs. */
export function testFailures(kind: 'claude' | 'codex', cases: readonly Case[]): void {
  const protocol = kind === 'claude' ? 'anthropic' : 'openai';
  describe(`failures of ${kind}`, () => {
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
      expect(result).toMatchObject({
        ok: false,
        failure: 'timeout',
        message: expect.stringContaining('made no progress') as string,
      });
      expect(world.left()).toEqual([]);
    });

    test('a service that cannot be reached is the network, whatever the program tries', async () => {
      const world = await makeWorld();
      await world.service.stop();
      const { result } = await ask(world, world[kind]({ silenceMs: 20_000 }));
      expect(result).toMatchObject({ ok: false, failure: 'network' });
      expect(world.left()).toEqual([]);
    });

    test('the time limit holds while text flows', async () => {
      const world = await makeWorld();
      world.service.script(protocol, [{ kind: 'say', text: 'word '.repeat(2000), everyMs: 5_000 }]);
      const { result } = await ask(world, world[kind](), { timeoutMs: 15_000 });
      expect(result).toMatchObject({
        ok: false,
        failure: 'timeout',
        message: expect.stringContaining('15 s') as string,
      });
      expect(world.left()).toEqual([]);
    });

    test('a program that is not there', async () => {
      const world = await makeWorld();
      expect((await ask(world, world[kind]({ exec: 'no-such-agent' }))).result).toMatchObject({
        ok: false,
        failure: 'missing',
        message: expect.stringContaining('"no-such-agent"') as string,
      });
    });

    test('flags that the program does not know', async () => {
      const world = await makeWorld();
      const { result } = await ask(world, world[kind]({ model: '' }), { sessionId: '--no-such-flag' });
      expect(result.ok).toBe(false);
      expect(world.left()).toEqual([]);
    });
  });
}
