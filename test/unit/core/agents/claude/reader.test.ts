import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentEvent } from '../../../../../src/core/agents/agent';
import { claudeArgs, costOfCall } from '../../../../../src/core/agents/claude';
import { ClaudeReader } from '../../../../../src/core/agents/claude/claudeReader';

function reading(): { reader: ClaudeReader; events: AgentEvent[] } {
  const events: AgentEvent[] = [];
  return { reader: new ClaudeReader((event) => events.push(event), '/repo'), events };
}
const delta = (text: string, parent: string | null = null): Record<string, unknown> => ({
  type: 'stream_event',
  parent_tool_use_id: parent,
  event: { type: 'content_block_delta', delta: { type: 'text_delta', text } },
});
const assistant = (...content: unknown[]): Record<string, unknown> => ({
  type: 'assistant',
  parent_tool_use_id: null,
  message: { content },
});
const retry = (fields: Record<string, unknown>): Record<string, unknown> => ({
  type: 'system',
  subtype: 'api_retry',
  attempt: 1,
  max_retries: 10,
  retry_delay_ms: 500,
  ...fields,
});
const result = (fields: Record<string, unknown>): Record<string, unknown> => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: 'done',
  session_id: 's',
  ...fields,
});

describe('the events of Claude Code', () => {
  test('text is passed on once: as it streams, or whole when it did not', () => {
    const { reader, events } = reading();
    reader.take({ type: 'stream_event', event: { type: 'message_start' } });
    reader.take(delta('Hel'));
    reader.take(delta('lo'));
    reader.take(assistant({ type: 'text', text: 'Hello' }));
    reader.take({ type: 'stream_event', event: { type: 'message_start' } });
    reader.take(assistant({ type: 'text', text: 'Whole' }));
    expect(events.map((event) => (event.kind === 'text' ? event.text : event.kind)).join('')).toBe('Hello\nWhole\n');
  });

  test('what a helper agent says is not the answer’s', () => {
    const { reader, events } = reading();
    reader.take(delta('inner', 'toolu_1'));
    reader.take({ ...assistant({ type: 'text', text: 'inner' }), parent_tool_use_id: 'toolu_1' });
    expect(events).toEqual([]);
  });

  test('a tool is under way until its result', () => {
    const { reader, events } = reading();
    reader.take(
      assistant({ type: 'tool_use', id: 't', name: 'Edit', input: { file_path: '/repo/src/a.ts', old_string: 'x' } }),
    );
    expect(events).toEqual([{ kind: 'tool', name: 'Edit', detail: 'src/a.ts' }]);
    expect(reader.busy).toBe(true);
    reader.take({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 't' }] } });
    expect(reader.busy).toBe(false);
  });

  test('success is a result that says so', () => {
    const { reader } = reading();
    reader.take(
      result({
        structured_output: { pass: true },
        total_cost_usd: 0.5,
        usage: { input_tokens: 1, cache_read_input_tokens: 10, cache_creation_input_tokens: 100, output_tokens: 1000 },
      }),
    );
    expect(reader.report).toEqual({
      sessionId: 's',
      answer: { text: 'done', structured: { pass: true } },
      costUsd: 0.5,
      tokens: { in: 111, out: 1000 },
    });
  });

  test.each([
    { is_error: true },
    { is_error: undefined },
    { is_error: 'false' },
    { subtype: 'error_during_execution' },
    { subtype: 'error_max_turns' },
  ])('%o is no success', (fields) => {
    const { reader } = reading();
    reader.take(result(fields));
    expect(reader.report.answer).toBeUndefined();
    expect(reader.report.trouble).toBeDefined();
  });

  test.each([
    [{ error_status: 401, error: 'authentication_failed' }, true],
    [{ error_status: 403 }, true],
    [{ error_status: 529 }, false],
    [{ error_status: null, error: 'unknown' }, false],
    [{ error_status: 429, retry_delay_ms: 7000 }, false],
    [{ error_status: 429, retry_delay_ms: 900_000 }, true],
  ])('asking again after %o is hopeless: %s', (fields, hopeless) => {
    const { reader, events } = reading();
    expect(reader.take(retry(fields))).toBe('retry');
    expect(reader.hopeless).toBe(hopeless);
    expect(events[0]).toMatchObject({ kind: 'retry' });
  });

  test.each([
    [{ retry_delay_ms: 7000 }, 7000],
    [{ retry_delay_ms: 0 }, undefined],
    [{ retry_delay_ms: undefined }, undefined],
  ])('a rate limit of %o tells to wait %s ms', (fields, told) => {
    const { reader } = reading();
    reader.take(retry({ error_status: 429, ...fields }));
    expect(reader.report.trouble?.retryAfterMs).toBe(told);
  });

  test('a wait is over when work goes on', () => {
    const { reader } = reading();
    reader.take(retry({ error_status: 429, retry_delay_ms: 7000 }));
    expect(reader.waitMs).toBe(7000);
    reader.take(delta('on'));
    expect(reader.waitMs).toBe(0);
  });

  test('an error that it got over is not blamed for a later end', () => {
    const { reader } = reading();
    reader.take(retry({ error_status: 529 }));
    reader.take({ type: 'stream_event', event: { type: 'message_start' } });
    expect(reader.report.trouble).toBeUndefined();
  });

  test('nothing that may come makes it throw, or succeed without a result', () => {
    const type = fc.constantFrom('system', 'assistant', 'user', 'stream_event', 'result', 'new');
    const part = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          type: fc.constantFrom('text', 'tool_use', 'tool_result'),
          text: fc.jsonValue(),
          id: fc.jsonValue(),
          name: fc.jsonValue(),
          input: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    const event = fc.record(
      {
        type,
        subtype: fc.oneof(fc.constantFrom('init', 'api_retry', 'success'), fc.jsonValue()),
        message: fc.oneof(fc.jsonValue(), fc.record({ content: fc.oneof(fc.array(part), fc.jsonValue()) })),
        event: fc.jsonValue(),
        is_error: fc.jsonValue(),
        usage: fc.jsonValue(),
        total_cost_usd: fc.jsonValue(),
        error: fc.jsonValue(),
        errors: fc.jsonValue(),
        session_id: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.array(event), (all) => {
        const { reader } = reading();
        for (const one of all) expect(['progress', 'retry', 'nothing']).toContain(reader.take(one));
        reader.end();
        if (!all.some((one) => one.type === 'result' && one.is_error === false))
          expect(reader.report.answer).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('the command line of Claude Code', () => {
  test('a task that reads gets tools that read; none skips permissions', () => {
    const review = claudeArgs({ access: 'read-only', outputSchema: { type: 'object' } }, 'opus');
    expect(review.join(' ')).toContain(
      '--model opus --tools Read,Grep,Glob --restricted --strict-mcp-config --permission-prompts none ' +
        '--json-schema {"type":"object"}',
    );
    expect(claudeArgs({ access: 'edit' }, undefined).join(' ')).toContain('--permission-mode acceptEdits');
    expect(claudeArgs({ access: 'edit', maxCostUsd: 1.239 }, undefined).join(' ')).toContain('--max-budget-usd 1.24');
    expect(claudeArgs({ access: 'edit', sessionId: 'x' }, undefined).join(' ')).toContain('--resume x');
  });
});

test('a continued session costs what was added to its sum', () => {
  expect(costOfCall('a', undefined, 0.5)).toBe(0.5);
  expect(costOfCall('a', 'a', 0.75)).toBe(0.25);
  expect(costOfCall('b', 'a', 1)).toBe(0.25);
  expect(costOfCall('c', 'never seen', 1)).toBe(1);
  expect(costOfCall('a', 'a', 0.1)).toBe(0);
});
