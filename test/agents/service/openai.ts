import { event, pieces, type Turn } from './turns';

/** The events of a turn in the Responses protocol. */
export function openaiEvents(turn: Extract<Turn, { kind: 'say' | 'tool' }>, id: number): string[] {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 120,
  };
  return [
    ...responseBeginning(id),
    ...(turn.kind === 'say' || turn.text !== undefined ? message(id, turn.text ?? '') : []),
    ...(turn.kind === 'tool' ? call(id, turn.name, turn.input) : []),
    event('response.completed', { response: { id: `resp_${id}`, usage } }),
  ];
}

export const responseBeginning = (id: number): string[] => [
  event('response.created', { response: { id: `resp_${id}` } }),
];

function message(id: number, text: string): string[] {
  const item = (content: unknown[]): Record<string, unknown> => ({
    item: { type: 'message', role: 'assistant', id: `item_${id}`, content },
  });
  return [
    event('response.output_item.added', { output_index: 0, ...item([]) }),
    ...pieces(text).map((delta) =>
      event('response.output_text.delta', { output_index: 0, content_index: 0, item_id: `item_${id}`, delta }),
    ),
    event('response.output_item.done', { output_index: 0, ...item([{ type: 'output_text', text }]) }),
  ];
}

/** A tool with text as its input (such as a patch) is a custom tool, any other a function. */
function call(id: number, name: string, input: unknown): string[] {
  const item =
    typeof input === 'string'
      ? { type: 'custom_tool_call', id: `ctc_${id}`, call_id: `call_${id}`, name, input }
      : { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, name, arguments: JSON.stringify(input) };
  return [event('response.output_item.done', { output_index: 0, item })];
}

export const openaiError = (type: string, text: string): string =>
  JSON.stringify({ error: { type, code: type, message: text, param: null } });
