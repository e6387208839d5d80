import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findBubblewrap } from '../../src/core/guard/prevention/probe';
import { git } from '../support/git';
import { until } from '../support/run';
import { refuse, say, type Turn, tool } from './service/turns';
import { SAYS } from './support/fake';
import { type AgentFixture, makeAgentFixture } from './support/fixtureRepo';

const ADD = 'export const add = (a, b) => a + b;\n';
const FIXED = 'export const add = (a, b) => Number(a) + Number(b);\n';
const HINT = 'Texts are added as texts: convert them.';
const verdict = (pass: boolean, issues: readonly object[] = []): Turn => say(JSON.stringify({ pass, issues }));
const BLOCKER = { severity: 'blocker', file: 'src/add.mjs', line: 1, hint: HINT, maps_to: 2 };

const file = (one: AgentFixture): string => path.join(one.fixtureRepo.top, 'src/add.mjs');
const write = (one: AgentFixture, content: string): Turn => tool('Write', { file_path: file(one), content });
const free = (one: AgentFixture): boolean => {
  const lock = path.join(one.fixtureRepo.top, '.weld/active.lock');
  return !fs.existsSync(lock) || (JSON.parse(fs.readFileSync(lock, 'utf8')) as { state?: string }).state === 'free';
};

/** A program of a few lines instead of a real agent. */
function program(code: string): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'weld-fake-'));
  onTestFinished(() => {
    fs.rmSync(dir, { recursive: true, force: true });
  });
  const name = path.join(dir, 'agent');
  fs.writeFileSync(
    name,
    `#!/usr/bin/env node\nconst fs = require('node:fs'), { execFileSync } = ` +
      `require('node:child_process');\nconst event = (value) => ` +
      'fs.writeSync(1, ' +
      'JSON.stringify(value) + ' +
      `'\\n');\n${code}\n`,
    { mode: 0o755 },
  );
  return name;
}

describe('a step loop with Claude Code and Codex', () => {
  test('implements, is refused, fixes and passes', async () => {
    const one = await makeAgentFixture();
    const head = await git(one.fixtureRepo.top, 'rev-parse', 'HEAD');
    one.service.script('anthropic', [
      write(one, ADD),
      say('Added.'),
      tool('Read', { file_path: file(one) }),
      write(one, FIXED),
      say('Fixed.'),
    ]);
    one.service.script('openai', [verdict(false, [BLOCKER]), verdict(true)]);
    expect(await one.loop()).toMatchObject({ passed: true, iterations: 2, reason: 'passed' });

    expect(fs.readFileSync(file(one), 'utf8')).toBe(FIXED);
    expect(one.status(1)).toMatchObject({ pass: false, blocker_count: 1 });
    expect(one.status(2)).toMatchObject({ pass: true, issue_count: 0 });
    expect(one.read(1, 'issues.json')).toMatchObject({
      pass: false,
      issues: [{ severity: 'blocker', file: 'src/add.mjs', line: 1, hint: HINT }],
    });
    expect(one.read(1, 'timing.json')).toMatchObject({
      session_id: expect.any(String) as string,
      review_session_id: expect.any(String) as string,
      tokens: expect.any(Number) as number,
      cost_usd: expect.any(Number) as number,
    });
    const calls = (protocol: string): string[] =>
      one.service.calls.filter((call) => call.protocol === protocol).map((call) => call.raw);
    expect(calls('anthropic')[2]).toContain(HINT);
    expect(calls('openai')[0]).toContain('a + b');
    expect(one.messages.join('\n')).toContain('Write src/add.mjs');
    expect(await git(one.fixtureRepo.top, 'rev-parse', 'HEAD')).toBe(head);
    expect([free(one), one.left()]).toEqual([true, []]);
  });

  test('a verdict that ignores its schema is asked for once more, and then is not passed', async () => {
    const one = await makeAgentFixture();
    one.service.script('anthropic', [write(one, ADD), say('Added.')]);
    one.service.script('openai', [say('It looks fine to me.'), say('As I said: fine.')]);
    expect(await one.loop({ maxIterations: 1 })).toMatchObject({
      passed: false,
      iterations: 1,
      reason: 'max_iterations',
    });
    expect(one.service.calls.filter((call) => call.protocol === 'openai').length).toBe(2);
    expect(one.status(1).gate?.find((condition) => /verdict/u.test(condition.condition))).toMatchObject({ ok: false });
  });

  test('a refused key stops it with what helps, and Resume goes on', async () => {
    const one = await makeAgentFixture();
    one.service.script('anthropic', [refuse(401, 'authentication_error', 'invalid x-api-key')]);
    one.service.script('openai', [verdict(true)]);
    const stopped = await one.loop();
    expect(stopped).toMatchObject({
      passed: false,
      reason: 'agent_failed',
      message: expect.stringContaining('claude auth login') as string,
      failure: { kind: 'authentication', agent: 'claude' },
    });
    expect(free(one)).toBe(true);
    one.service.script('anthropic', [write(one, ADD), say('Added.')]);
    expect(await one.loop({ resume: true })).toMatchObject({ passed: true, iterations: 1 });
  });

  test('a rate limit is waited out, visibly', async () => {
    const one = await makeAgentFixture();
    const limit = refuse(429, 'rate_limit_error', 'slow down', { 'retry-after': '1' });
    one.service.script('anthropic', [limit, limit, limit, write(one, ADD), say('Added.')]);
    one.service.script('openai', [verdict(true)]);
    expect(await one.loop()).toMatchObject({ passed: true, iterations: 1 });
    expect(one.messages.join('\n')).toMatch(/rate limit, next try in \d+ s/u);
  });

  test('a reviewer that changes the tree keeps the gate shut', async () => {
    const one = await makeAgentFixture({
      codex: program(
        `fs.writeFileSync('sneaked.txt', 'x'); ${SAYS.codex.begin} event({ type: 'item.completed', item: { id: ` +
          `'i', type: 'agent_message', text: ` +
          `'{"pass":true,"issues":[]}' } }); ` +
          'event({ type: ' +
          `'turn.completed', ` +
          'usage: {} });',
      ),
    });
    one.service.script('anthropic', [write(one, ADD), say('Added.')]);
    expect(await one.loop({ maxIterations: 1 })).toMatchObject({ passed: false });
    expect(
      one
        .status(1)
        .gate?.filter((condition) => !condition.ok)
        .map((condition) => condition.why)
        .join(),
    ).toContain('sneaked.txt');
  });

  const misdeeds: readonly (readonly [string, string, prevented: string, noticed: string])[] = [
    // Shut in, its write fails.
    ['overwrites the lock', `fs.writeFileSync('.weld/active.lock', 'mine');`, 'agent_failed', 'passed'],
    [
      'removes the lock',
      `fs.rmSync('.weld/active.lock'); fs.rmSync('.weld/lock', { recursive: true, force: true });`,
      'agent_failed',
      'passed',
    ],
    [
      'removes active.lock and puts another there',
      `fs.rmSync('.weld/active.lock'); fs.writeFileSync('.weld/active.lock', 'mine');`,
      'agent_failed',
      'lock_lost',
    ],
    ['locks the index', `fs.writeFileSync('.git/index.lock', '');`, 'passed', 'passed'],
    [
      'commits by itself',
      `execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', ` +
        `'--message', 'mine']);`,
      'violation',
      'violation',
    ],
  ];
  test.each(
    misdeeds.flatMap(([what, code, prevented, noticed]) => [
      ...(findBubblewrap() === null ? [] : [[what, 'shut in', code, prevented] as const]),
      [what, 'only noticed', code, noticed] as const,
    ]),
  )('an agent that %s, %s, ends it in one way', async (_, how, misdeed, expected) => {
    const one = await makeAgentFixture({
      noticed: how === 'only noticed',
      claude: program(
        `${SAYS.claude.begin} fs.mkdirSync('src', { recursive: true }); fs.writeFileSync('src/add.mjs', 'export ` +
          `const add = 1;'); ${misdeed} setTimeout(() => { ` +
          `${SAYS.claude.end} }, 2000);`,
      ),
    });
    one.service.script('openai', [verdict(true)]);
    const { reason, message } = await one.loop({ maxIterations: 1 });
    expect(reason, message).toBe(expected);
    expect(message).toMatch(/\w.*\.$/u);
    expect(one.left()).toEqual([]);
    expect(fs.readFileSync(file(one), 'utf8')).toBe('export const add = 1;');
  });

  test('cancelling ends it with nothing left running, and it can go on', async () => {
    const one = await makeAgentFixture();
    one.service.script('anthropic', [
      tool('Bash', { command: 'touch started; tail -f /dev/null', description: 'wait' }),
    ]);
    one.service.script('openai', [verdict(true)]);
    const cancel = new AbortController();
    const running = one.loop({ signal: cancel.signal });
    await until('the agent runs a command', () => fs.existsSync(path.join(one.fixtureRepo.top, 'started')), 100_000);
    cancel.abort();
    expect(await running).toMatchObject({ passed: false, reason: 'cancelled' });
    expect([free(one), one.left()]).toEqual([true, []]);
    one.service.script('anthropic', [write(one, ADD), say('Added.')]);
    expect(await one.loop({ resume: true })).toMatchObject({ passed: true });
  });
});
