/** What the model does with one request. */
export type Turn =
  /** Streams an answer in pieces and ends the turn. */
  | { readonly kind: 'say'; readonly text: string; readonly everyMs?: number }
  /** Asks the program to use a tool; its input is what the protocol's tool takes. */
  | {
      readonly kind: 'tool';
      readonly name: string;
      readonly input: string | Readonly<Record<string, unknown>>;
      readonly text?: string;
    }
  /** Refuses with an HTTP status and, in the protocol's own words, a kind and a message. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly type?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Begins to answer and never goes on. */
  | { readonly kind: 'stall' }
  /** Begins to answer and breaks the connection. */
  | { readonly kind: 'drop' }
  /** Sends events that are no events. */
  | { readonly kind: 'garbage' }
  /** Sends these bytes as the whole body of an event stream. */
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

/** A text in a few pieces, as a model streams it. */
export function pieces(text: string): string[] {
  const size = Math.max(8, Math.ceil(text.length / 12));
  const found: string[] = [];
  for (let at = 0; at < text.length; at += size) found.push(text.slice(at, at + size));
  return found.length > 0 ? found : [''];
}
