import type { Diagnostic, LspClient, Span } from './client';

interface Change {
  readonly kind?: string;
  readonly uri?: string;
  readonly options?: object;
  readonly edits?: readonly { readonly range: Span; readonly newText: string }[];
}
export interface Action {
  readonly title: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly isPreferred: boolean;
  readonly edit: { readonly documentChanges: readonly Change[] };
}

export const actionsFor = (client: LspClient, uri: string, diagnostics: readonly Diagnostic[]): Promise<Action[]> =>
  client.request<Action[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: diagnostics[0]?.range,
    context: { diagnostics },
  });

/**
 * Applies a fix to a text, like an editor: positions of all edits refer to the original text, and edits may not
 * overlap.
 */
export function apply(text: string, action: Action): string {
  const starts = [0, ...[...text.matchAll(/\r\n|\r|\n/gu)].map((match) => match.index + match[0].length)];
  const offset = (at: Span['start']): number => (starts[at.line] ?? text.length) + at.character;
  const edits = action.edit.documentChanges
    .flatMap((change) => change.edits ?? [])
    .map(({ range, newText }, order) => ({ from: offset(range.start), to: offset(range.end), newText, order }));
  let done = text;
  let before = Infinity;
  for (const { from, to, newText } of edits.toSorted((a, b) => b.from - a.from || b.order - a.order)) {
    if (to > before) throw new Error(`"${action.title}" has edits that overlap`);
    before = from;
    done = done.slice(0, from) + newText + done.slice(to);
  }
  return done;
}
