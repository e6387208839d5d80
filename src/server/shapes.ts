import type {
  CodeAction,
  CompletionItem,
  DocumentSymbol,
  InitializeParams,
  Location,
  LocationLink,
  SymbolInformation,
} from 'vscode-languageserver/node';
import { InsertTextFormat } from 'vscode-languageserver/node';

/** The forms of answers that a client understands beyond the oldest ones. */
export interface Shapes {
  readonly documentChanges: boolean;
  readonly snippets: boolean;
  readonly links: boolean;
  readonly nestedSymbols: boolean;
}

export function readShapes({ capabilities: { workspace, textDocument } }: InitializeParams): Shapes {
  return {
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
    snippets: textDocument?.completion?.completionItem?.snippetSupport === true,
    links: textDocument?.definition?.linkSupport === true,
    nestedSymbols: textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
  };
}

/** Edits by document, for a client that knows no versions. */
export function shapeActions(actions: readonly CodeAction[], { documentChanges }: Shapes): CodeAction[] {
  if (documentChanges) return [...actions];
  return actions.map(({ edit, ...action }) => {
    const changes = (edit?.documentChanges ?? []).flatMap((change) =>
      'edits' in change ? [[change.textDocument.uri, change.edits.filter((one) => 'newText' in one)] as const] : [],
    );
    return { ...action, edit: { changes: Object.fromEntries(changes) } };
  });
}

/** Snippets as plain text: a place to go on at becomes the words that it suggests. */
export function shapeCompletion(items: readonly CompletionItem[], { snippets }: Shapes): CompletionItem[] {
  if (snippets) return [...items];
  return items.map(({ insertTextFormat, textEdit, ...item }) => {
    if (insertTextFormat !== InsertTextFormat.Snippet || textEdit === undefined)
      return { ...item, ...(textEdit === undefined ? {} : { textEdit }) };
    return {
      ...item,
      textEdit: { ...textEdit, newText: textEdit.newText.replace(/\$\{\d+(?::([^}]{0,2000}))?\}/gu, '$1') },
    };
  });
}

export const shapeTargets = (targets: readonly LocationLink[], { links }: Shapes): LocationLink[] | Location[] =>
  links
    ? [...targets]
    : targets.map(({ targetUri, targetSelectionRange }) => ({ uri: targetUri, range: targetSelectionRange }));

export function shapeSymbols(
  symbols: readonly DocumentSymbol[],
  uri: string,
  { nestedSymbols }: Shapes,
): DocumentSymbol[] | SymbolInformation[] {
  return nestedSymbols ? [...symbols] : symbols.flatMap((symbol) => flat(symbol, uri));
}

function flat({ name, kind, range, children }: DocumentSymbol, uri: string, above?: string): SymbolInformation[] {
  return [
    { name, kind, location: { uri, range }, ...(above === undefined ? {} : { containerName: above }) },
    ...(children ?? []).flatMap((child) => flat(child, uri, name)),
  ];
}
