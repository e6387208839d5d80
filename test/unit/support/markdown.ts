// @ts-expect-error The package has no types.
import untyped from 'markdown-it';

interface Token {
  readonly type: string;
  readonly content: string;
  readonly children: readonly Token[] | null;
}
interface MarkdownIt {
  parse(text: string, env: object): readonly Token[];
  readonly linkify: { set(options: { readonly fuzzyLink: boolean }): void };
}

/** The parser of the editor's preview, with its options. */
const Parser = untyped as new (options: object) => MarkdownIt;
const preview = new Parser({ html: true, linkify: true });
preview.linkify.set({ fuzzyLink: false });

/** The kinds of tokens that the preview sees in a text, blocks and what is inside of them. */
export function previewTokens(text: string): string[] {
  const all = (tokens: readonly Token[]): string[] =>
    tokens.flatMap(({ type, children }) => [type, ...all(children ?? [])]);
  return all(preview.parse(text, {}));
}

/** The texts of each table's rows, cell by cell, headers too. */
export function previewRows(text: string): string[][] {
  const rows: string[][] = [];
  let cell = false;
  for (const { type, children } of preview.parse(text, {})) {
    if (type === 'tr_open') rows.push([]);
    if (type === 'td_open' || type === 'th_open') cell = true;
    if (type !== 'inline' || !cell) continue;
    rows.at(-1)?.push((children ?? []).map(({ content }) => content).join(''));
    cell = false;
  }
  return rows;
}
