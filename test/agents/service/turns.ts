/** The model's reaction to one request. */
export type Turn =
  /** Streams an answer in chunks and ends the turn. */
  | { readonly kind: 'say'; readonly text: string; readonly everyMs?: number }
  /** Asks the program to use a tool, with input in the protocol's form. */
  | {
      readonly kind: 'tool';
      readonly name: string;
      readonly input: string | Readonly<Record<string, unknown>>;
      readonly text?: string;
    }
  /** Refuses with an HTTP status and the protocol's error type and message. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly type?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Begins an answer and stalls. */
  | { readonly kind: 'stall' }
  /** Begins an answer and closes the connection. */
  | { readonly kind: 'drop' }
  /** Sends malformed events. */
  | { readonly kind: 'garbage' }
  /** Sends these bytes as the body of an event stream. */
  | { readonly kind: 'raw'; readonly body: string };

export const say = (text: string, everyMs?: number): Turn => ({
  kind: 'say',
  text,
  ...(everyMs !== undefined && { everyMs }),
});
export const tool = (name: string, input: string | Readonly<Record<string, unknown>>, text?: string): Turn => ({
  kind: 'tool',
  name,
  input,
  ...(text !== undefined && { text }),
});
export const refuse = (
  status: number,
  type?: string,
  message?: string,
  headers?: Readonly<Record<string, string>>,
): Turn => ({
  kind: 'refuse',
  status,
  ...(type !== undefined && { type }),
  ...(message !== undefined && { message }),
  ...(headers && { headers }),
});

/** One server-sent event. */
export const event = (name: string, data: Readonly<Record<string, unknown>>): string =>
  `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;

/** Splits a text into a few chunks, as a model streams it. */
export function pieces(text: string): string[] {
  const size = Math.max(8, Math.ceil(text.length / 12));
  const found: string[] = [];
  for (let at = 0; at < text.length; at += size) found.push(text.slice(at, at + size));
  return found.length > 0 ? found : [''];
}
