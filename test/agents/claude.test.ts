import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { git } from '../support/git';
import { say, tool } from './service/turns';
import { SECRET } from './support/home';
import { ask, makeWorld } from './support/world';

const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['pass'],
  properties: { pass: { type: 'boolean' } },
} as const;

describe('Claude Code', () => {
  test('streams its answer and tells session, tokens, cost, time and transcript', async () => {
    const world = await makeWorld();
    world.service.script('anthropic', [say('Everything is in order, and this is a longer sentence.')]);
    const { result, events, streamed } = await ask(world, world.claude());
    expect(result).toMatchObject({
      ok: true,
      text: 'Everything is in order, and this is a longer sentence.',
      usage: { tokens: 120 },
    });
    expect(streamed.trim()).toBe('Everything is in order, and this is a longer sentence.');
    expect(events.filter((event) => event.kind === 'text').length).toBeGreaterThan(2);
    const { usage } = result;
    expect(usage.costUsd).toBeGreaterThan(0);
    expect(usage.durationMs).toBeGreaterThan(100);
    expect(events[0]).toMatchObject({ kind: 'session', sessionId: usage.sessionId });
    expect(fs.readFileSync(usage.transcript ?? '', 'utf8')).toContain(usage.sessionId);
    expect(world.service.strays).toEqual([]);
    expect(world.left()).toEqual([]);
  });

  test('edits files with its own tools', async () => {
    const world = await makeWorld();
    const file = path.join(world.top, 'src/b.txt');
    const a = path.join(world.top, 'a.txt');
    world.service.script('anthropic', [
      tool('Write', { file_path: file, content: 'made\n' }, 'Writing.'),
      tool('Read', { file_path: a }),
      tool('Edit', { file_path: a, old_string: 'two', new_string: 'zwei' }),
      say('Both are done.'),
    ]);
    const { result, events } = await ask(world, world.claude());
    expect(result).toMatchObject({ ok: true, text: 'Both are done.' });
    expect([fs.readFileSync(file, 'utf8'), fs.readFileSync(a, 'utf8')]).toEqual(['made\n', 'one\nzwei\n']);
    expect(events.filter((event) => event.kind === 'tool')).toEqual([
      { kind: 'tool', name: 'Write', detail: 'src/b.txt' },
      { kind: 'tool', name: 'Read', detail: 'a.txt' },
      { kind: 'tool', name: 'Edit', detail: 'a.txt' },
    ]);
  });

  test('takes a prompt of 600 KB', async () => {
    const world = await makeWorld();
    const prompt = `${'A line of a long diff, which goes on and on.\n'.repeat(14_000)}THE LAST WORDS`;
    world.service.script('anthropic', [say('Read.')]);
    expect((await ask(world, world.claude(), { prompt })).result).toMatchObject({ ok: true, text: 'Read.' });
    expect(
      world.service.calls.some((call) => call.raw.includes('THE LAST WORDS') && call.raw.length > prompt.length),
    ).toBe(true);
  });

  test('asks for the configured model', async () => {
    const world = await makeWorld();
    await ask(world, world.claude({ model: 'claude-haiku-4-5' }));
    expect(world.service.calls.map((call) => call.body['model'])).toContain('claude-haiku-4-5');
  });

  test('a session that is continued costs only what was added', async () => {
    const world = await makeWorld();
    const first = await ask(world, world.claude());
    const second = await ask(world, world.claude(), { sessionId: first.result.usage.sessionId! });
    expect(second.result.usage.sessionId).toBe(first.result.usage.sessionId);
    expect(second.result.usage.costUsd).toBeCloseTo(first.result.usage.costUsd!, 6);
  });

  test('a review answers by its schema', async () => {
    const world = await makeWorld();
    world.service.script('anthropic', [tool('StructuredOutput', { pass: true }), say('ok')]);
    expect((await ask(world, world.claude(), { access: 'read-only', outputSchema: SCHEMA })).result).toMatchObject({
      ok: true,
      structured: { pass: true },
    });
  });

  test('a review that ignores its schema is an answer without a structure', async () => {
    const world = await makeWorld();
    world.service.script('anthropic', [say('It looks fine to me.')]);
    const { result } = await ask(world, world.claude(), { access: 'read-only', outputSchema: SCHEMA });
    expect(result).toMatchObject({ ok: true, text: 'It looks fine to me.' });
    expect(result).not.toHaveProperty('structured');
  });

  test('a review cannot change the tree', async () => {
    const world = await makeWorld();
    world.service.script('anthropic', [
      tool('Write', { file_path: path.join(world.top, 'b.txt'), content: 'x' }),
      tool('Edit', { file_path: path.join(world.top, 'a.txt'), old_string: 'one', new_string: 'x' }),
      tool('Bash', { command: `echo x > ${path.join(world.top, 'c.txt')}`, description: 'write' }),
      say('I tried.'),
    ]);
    expect((await ask(world, world.claude(), { access: 'read-only' })).result).toMatchObject({
      ok: true,
      text: 'I tried.',
    });
    expect(world.service.calls.length).toBe(4);
    expect(await git(world.top, 'status', '--porcelain')).toBe('');
  });

  test('its secrets reach neither events, answer nor log, and other secrets never reach it', async () => {
    const world = await makeWorld();
    world.env['SOME_OTHER_TOKEN'] = 'other-secret-0123456789';
    world.service.script('anthropic', [
      tool('Bash', { command: 'env; echo "key $ANTHROPIC_API_KEY"', description: 'look' }),
      say(`The key is ${SECRET}, keep it.`),
    ]);
    const { result, events } = await ask(world, world.claude());
    expect(result).toMatchObject({ ok: true, text: 'The key is ***, keep it.' });
    expect(JSON.stringify([result, events, world.logged])).not.toContain(SECRET);
    expect(world.service.calls.map((call) => call.raw).join('')).not.toContain('other-secret-0123456789');
    expect(world.service.calls.at(-1)?.raw).toContain('DISABLE_TELEMETRY');
  });
});
