import {
  type CodeAction,
  type CompletionItem,
  type DocumentSymbol,
  type InitializeParams,
  InsertTextFormat,
  type Location,
  type LocationLink,
  type SymbolInformation,
} from 'vscode-languageserver/node';

/** Forms of answers that the client understands beyond the first version of the protocol. */
export interface ClientCapabilities {
  readonly documentChanges: boolean;
  readonly createsFiles: boolean;
  readonly snippets: boolean;
  readonly links: boolean;
  readonly nestedSymbols: boolean;
}

export function readClientCapabilities({
  capabilities: { workspace, textDocument },
}: InitializeParams): ClientCapabilities {
  const edit = workspace?.workspaceEdit;
  return {
    documentChanges: edit?.documentChanges === true,
    createsFiles: edit?.documentChanges === true && edit.resourceOperations?.includes('create') === true,
    snippets: textDocument?.completion?.completionItem?.snippetSupport === true,
    links: textDocument?.definition?.linkSupport === true,
    nestedSymbols: textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
  };
}

/** Groups edits by document for clients without versioned document changes. */
export function adaptActions(actions: readonly CodeAction[], { documentChanges }: ClientCapabilities): CodeAction[] {
  if (documentChanges) return [...actions];
  return actions.map(({ edit, ...action }) => {
    const changes = (edit?.documentChanges ?? []).flatMap((change) =>
      'edits' in change ? [[change.textDocument.uri, change.edits.filter((one) => 'newText' in one)] as const] : [],
    );
    return { ...action, edit: { changes: Object.fromEntries(changes) } };
  });
}

/** Turns snippets into plain text for clients without snippets: each tab stop becomes its suggested text. */
export function adaptCompletion(items: readonly CompletionItem[], { snippets }: ClientCapabilities): CompletionItem[] {
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

/** Reduces links to plain locations for clients without link support. */
export const adaptTargets = (
  targets: readonly LocationLink[],
  { links }: ClientCapabilities,
): LocationLink[] | Location[] =>
  links
    ? [...targets]
    : targets.map(({ targetUri, targetSelectionRange }) => ({ uri: targetUri, range: targetSelectionRange }));

/** Flattens the outline for clients without nested symbols. */
export function adaptSymbols(
  symbols: readonly DocumentSymbol[],
  uri: string,
  { nestedSymbols }: ClientCapabilities,
): DocumentSymbol[] | SymbolInformation[] {
  return nestedSymbols ? [...symbols] : symbols.flatMap((symbol) => flat(symbol, uri));
}

function flat({ name, kind, range, children }: DocumentSymbol, uri: string, above?: string): SymbolInformation[] {
  return [
    { name, kind, location: { uri, range }, ...(above === undefined ? {} : { containerName: above }) },
    ...(children ?? []).flatMap((child) => flat(child, uri, name)),
  ];
}
