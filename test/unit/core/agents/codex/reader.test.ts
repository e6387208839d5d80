import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentEvent } from '../../../../../src/core/agents/agent';
import { sortTrouble } from '../../../../../src/core/agents/cli/trouble';
import { codexArgs } from '../../../../../src/core/agents/codex';
import { CodexReader } from '../../../../../src/core/agents/codex/codexReader';

function reading(structured = false): { reader: CodexReader; events: AgentEvent[] } {
  const events: AgentEvent[] = [];
  return { reader: new CodexReader((event) => events.push(event), '/repo', structured), events };
}
const message = (text: string): Record<string, unknown> => ({
  type: 'item.completed',
  item: { id: 'm', type: 'agent_message', text },
});
const completed = { type: 'turn.completed', usage: { input_tokens: 10, cached_input_tokens: 5, output_tokens: 2 } };
const error = (text: string): Record<string, unknown> => ({ type: 'error', message: text });

describe('the events of Codex', () => {
  test('success is a completed turn; its last message is the answer', () => {
    const { reader, events } = reading();
    for (const event of [
      { type: 'thread.started', thread_id: 't' },
      { type: 'turn.started' },
      message('First.'),
      message('Last.'),
    ])
      reader.take(event);
    expect(reader.report.answer).toBeUndefined();
    reader.take(completed);
    expect(reader.report).toEqual({ sessionId: 't', tokens: { in: 10, out: 2 }, answer: { text: 'Last.' } });
    expect(events).toEqual([
      { kind: 'session', sessionId: 't' },
      { kind: 'text', text: 'First.\n' },
      { kind: 'text', text: 'Last.\n' },
    ]);
  });

  test.each([
    ['{"pass":true}', { pass: true }],
    ['It is fine.', undefined],
    ['[1]', undefined],
    ['{"pass":', undefined],
  ])('an answer %s that was asked for as JSON', (text, structured) => {
    const { reader } = reading(true);
    reader.take(message(text));
    reader.take(completed);
    expect(reader.report.answer?.structured).toEqual(structured);
  });

  test('a command or a change is told once, and is under way until it has ended', () => {
    const { reader, events } = reading();
    const command = { id: 'c', type: 'command_execution', command: 'npm test' };
    const change = {
      id: 'f',
      type: 'file_change',
      changes: [
        { path: '/repo/a.ts', kind: 'update' },
        { path: '/repo/b.ts', kind: 'add' },
      ],
    };
    reader.take({ type: 'item.started', item: command });
    expect(reader.busy).toBe(true);
    for (const event of [
      { type: 'item.updated', item: command },
      { type: 'item.completed', item: command },
      { type: 'item.completed', item: change },
    ])
      reader.take(event);
    expect(reader.busy).toBe(false);
    expect(events).toEqual([
      { kind: 'tool', name: 'command', detail: 'npm test' },
      { kind: 'tool', name: 'update', detail: 'a.ts' },
      { kind: 'tool', name: 'add', detail: 'b.ts' },
    ]);
  });

  test.each([
    [
      'Reconnecting... 1/5 (unexpected status 401 Unauthorized: Incorrect API key provided, url: ' +
        'http://host/v1/responses)',
      'authentication',
      true,
    ],
    [
      'Reconnecting... 1/5 (unexpected status 403 Forbidden: no, url: http://host/v1/responses)',
      'authentication',
      true,
    ],
    ['Reconnecting... 2/5 (exceeded retry limit, last status: 429 Too Many Requests)', 'rate_limit', false],
    [
      'Reconnecting... 1/5 (rate limit exceeded: Rate limit reached. Please try again in 11.054s.)',
      'rate_limit',
      false,
    ],
    ['Reconnecting... 1/5 (rate limit exceeded: Rate limit reached. Please try again in 20m.)', 'rate_limit', true],
    [
      'Reconnecting... 1/5 (stream disconnected before completion: stream closed before response.completed)',
      'network',
      false,
    ],
    ['Reconnecting... waiting for network (Connection failed: error sending request)', 'network', false],
  ])('%s', (text, failure, hopeless) => {
    const { reader, events } = reading();
    expect(reader.take(error(text))).toBe('retry');
    expect(sortTrouble(reader.report.trouble!)).toBe(failure);
    expect(reader.hopeless).toBe(hopeless);
    expect(events).toMatchObject([
      { kind: 'retry', why: expect.not.stringMatching(/Reconnecting\.\.\. \d|url:/u) as string },
    ]);
  });

  test('a failed turn is told in the service’s own words', () => {
    const { reader } = reading();
    reader.take({
      type: 'turn.failed',
      error: { message: '{"error":{"type":"invalid_request_error","message":"The model is not supported."}}' },
    });
    expect(reader.report.trouble).toMatchObject({ text: 'The model is not supported.', code: 'invalid_request_error' });
  });

  test('an error that it got over is not blamed for a later end', () => {
    const { reader } = reading();
    reader.take(error('Reconnecting... 1/5 (stream disconnected before completion)'));
    reader.take(message('On.'));
    expect(reader.report.trouble).toBeUndefined();
  });

  test('nothing that may come makes it throw, or succeed without a completed turn', () => {
    const type = fc.constantFrom(
      'thread.started',
      'turn.started',
      'item.started',
      'item.updated',
      'item.completed',
      'error',
      'turn.failed',
      'new',
    );
    const item = fc.record(
      {
        id: fc.jsonValue(),
        type: fc.constantFrom(
          'agent_message',
          'command_execution',
          'file_change',
          'web_search',
          'mcp_tool_call',
          'error',
          'new',
        ),
        text: fc.jsonValue(),
        changes: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()),
        command: fc.jsonValue(),
        query: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    const event = fc.record(
      {
        type,
        item: fc.oneof(item, fc.jsonValue()),
        message: fc.oneof(
          fc.jsonValue(),
          fc.string().map((text) => `Reconnecting... ${text}`),
        ),
        error: fc.jsonValue(),
        thread_id: fc.jsonValue(),
        usage: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.array(event), fc.boolean(), (all, structured) => {
        const { reader } = reading(structured);
        for (const one of all) expect(['progress', 'retry', 'nothing']).toContain(reader.take(one));
        reader.end();
        expect(reader.report.answer).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('the command line of Codex', () => {
  const files = { schema: '/tmp/s', answer: '/tmp/a' };
  test('a task that reads is read-only, whatever the sandbox for edits', () => {
    expect(
      codexArgs({ access: 'read-only', outputSchema: {} }, { sandbox: 'workspace-write', model: 'm' }, files).join(' '),
    ).toBe('exec --json -s read-only -m m --output-schema /tmp/s -o /tmp/a -');
    expect(codexArgs({ access: 'edit' }, {}, files).join(' ')).toBe('exec --json -s workspace-write -o /tmp/a -');
    expect(codexArgs({ access: 'edit', sessionId: 'x' }, { sandbox: 'read-only' }, files).join(' ')).toBe(
      'exec --json -s read-only -o /tmp/a resume x -',
    );
  });
});
