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
const addFile = (name: string, line: string): string =>
  `*** Begin Patch\n*** Add File: ${name}\n+${line}\n*** End Patch\n`;

describe('Codex', () => {
  test('answers and tells session, tokens, time and transcript', async () => {
    const world = await makeWorld();
    world.service.script('openai', [say('Everything is in order.')]);
    const { result, events, streamed } = await ask(world, world.codex());
    expect(result).toMatchObject({ ok: true, text: 'Everything is in order.', usage: { tokens: 120 } });
    expect(streamed.trim()).toBe('Everything is in order.');
    expect(events[0]).toMatchObject({ kind: 'session', sessionId: result.usage.sessionId });
    expect(fs.readFileSync(result.usage.transcript ?? '', 'utf8')).toContain(result.usage.sessionId);
    expect(world.service.strays).toEqual([]);
    expect(world.left()).toEqual([]);
  });

  test('edits files with its own tools', async () => {
    const world = await makeWorld();
    world.service.script('openai', [
      tool('apply_patch', addFile('src/b.txt', 'made'), 'Writing.'),
      tool('exec_command', { cmd: 'echo three >> a.txt' }),
      say('Both are done.'),
    ]);
    const { result, events } = await ask(world, world.codex());
    expect(result).toMatchObject({ ok: true, text: 'Both are done.' });
    expect([
      fs.readFileSync(path.join(world.top, 'src/b.txt'), 'utf8'),
      fs.readFileSync(path.join(world.top, 'a.txt'), 'utf8'),
    ]).toEqual(['made\n', 'one\ntwo\nthree\n']);
    expect(events.filter((event) => event.kind === 'tool')).toEqual([
      { kind: 'tool', name: 'add', detail: 'src/b.txt' },
      { kind: 'tool', name: 'command', detail: expect.stringContaining('echo three') as string },
    ]);
  });

  test('takes a prompt of 600 KB', async () => {
    const world = await makeWorld();
    const prompt = `${'A line of a long diff, which goes on and on.\n'.repeat(14_000)}THE LAST WORDS`;
    world.service.script('openai', [say('Read.')]);
    expect((await ask(world, world.codex(), { prompt })).result).toMatchObject({ ok: true, text: 'Read.' });
    expect(world.service.calls.some((call) => call.raw.includes('THE LAST WORDS'))).toBe(true);
  });

  test('asks for the configured model, and continues a session', async () => {
    const world = await makeWorld();
    const agent = world.codex({ model: 'gpt-5.5' });
    const first = await ask(world, agent, { prompt: 'Remember the word heliotrope.' });
    const second = await ask(world, agent, { prompt: 'Which word?', sessionId: first.result.usage.sessionId! });
    expect(second.result).toMatchObject({ ok: true, usage: { sessionId: first.result.usage.sessionId } });
    expect(world.service.calls.map((call) => call.body['model'])).toEqual(['gpt-5.5', 'gpt-5.5']);
    expect(world.service.calls[1]?.raw).toContain('heliotrope');
  });

  test('a review answers by its schema', async () => {
    const world = await makeWorld();
    world.service.script('openai', [say('{"pass":true}')]);
    expect((await ask(world, world.codex(), { access: 'read-only', outputSchema: SCHEMA })).result).toMatchObject({
      ok: true,
      text: '{"pass":true}',
      structured: { pass: true },
    });
    expect(JSON.stringify(world.service.calls[0]?.body['text'])).toContain('json_schema');
  });

  test('a review that ignores its schema is an answer without a structure', async () => {
    const world = await makeWorld();
    world.service.script('openai', [say('It looks fine to me.')]);
    const { result } = await ask(world, world.codex(), { access: 'read-only', outputSchema: SCHEMA });
    expect(result).toMatchObject({ ok: true, text: 'It looks fine to me.' });
    expect(result).not.toHaveProperty('structured');
  });

  test('a review cannot change the tree', async () => {
    const world = await makeWorld();
    world.service.script('openai', [
      tool('apply_patch', addFile('b.txt', 'x')),
      tool('exec_command', { cmd: 'echo x > c.txt; echo x >> a.txt; git commit --allow-empty -m x; touch .git/x' }),
      say('I tried.'),
    ]);
    const head = await git(world.top, 'rev-parse', 'HEAD');
    expect((await ask(world, world.codex(), { access: 'read-only' })).result).toMatchObject({
      ok: true,
      text: 'I tried.',
    });
    expect(world.service.calls.length).toBe(3);
    expect(await git(world.top, 'status', '--porcelain')).toBe('');
    expect(await git(world.top, 'rev-parse', 'HEAD')).toBe(head);
    expect(fs.existsSync(path.join(world.top, '.git/x'))).toBe(false);
  });

  test('its secrets reach neither events, answer nor log', async () => {
    const world = await makeWorld();
    world.service.script('openai', [
      tool('exec_command', { cmd: `echo "key ${SECRET}"` }),
      say(`The key is ${SECRET}, keep it.`),
    ]);
    const { result, events } = await ask(world, world.codex());
    expect(result).toMatchObject({ ok: true, text: 'The key is ***, keep it.' });
    expect(JSON.stringify([result, events, world.logged])).not.toContain(SECRET);
  });
});
