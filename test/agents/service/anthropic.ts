import { event, pieces, type Turn } from './turns';

const MODEL = 'claude-scripted';

/** The events of a turn in the Messages protocol; the token counts are ones that tests recognise. */
export function anthropicEvents(turn: Extract<Turn, { kind: 'say' | 'tool' }>, id: number): string[] {
  const blocks =
    turn.kind === 'say'
      ? text(0, turn.text)
      : [
          ...(turn.text === undefined ? [] : text(0, turn.text)),
          ...toolUse(turn.text === undefined ? 0 : 1, id, turn.name, turn.input),
        ];
  return [
    ...beginning(id),
    ...blocks,
    event('message_delta', {
      delta: { stop_reason: turn.kind === 'say' ? 'end_turn' : 'tool_use', stop_sequence: null },
      usage: { output_tokens: 20 },
    }),
    event('message_stop', {}),
  ];
}

export const beginning = (id: number): string[] => [
  event('message_start', {
    message: {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 100, output_tokens: 1 },
    },
  }),
];

function text(index: number, whole: string): string[] {
  return [
    event('content_block_start', { index, content_block: { type: 'text', text: '' } }),
    ...pieces(whole).map((piece) =>
      event('content_block_delta', { index, delta: { type: 'text_delta', text: piece } }),
    ),
    event('content_block_stop', { index }),
  ];
}

function toolUse(index: number, id: number, name: string, input: unknown): string[] {
  return [
    event('content_block_start', { index, content_block: { type: 'tool_use', id: `toolu_${id}`, name, input: {} } }),
    ...pieces(JSON.stringify(input)).map((piece) =>
      event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: piece } }),
    ),
    event('content_block_stop', { index }),
  ];
}

export const anthropicError = (type: string, message: string): string =>
  JSON.stringify({ type: 'error', error: { type, message } });
