import { type CodeAction, CodeActionKind, type Diagnostic } from 'vscode-languageserver/node';
import type { OpenDocument } from '../documents';

/** Writes the name that was probably meant; the diagnostic has found it already. */
export function configFixes(document: OpenDocument, diagnostics: readonly Diagnostic[]): CodeAction[] {
  return diagnostics.flatMap((diagnostic): CodeAction[] => {
    const message = typeof diagnostic.message === 'string' ? diagnostic.message : diagnostic.message.value;
    const meant = /did you mean "([\w.-]+)"\?$/u.exec(message)?.[1];
    const typed = document.text.getText(diagnostic.range);
    if (
      meant === undefined ||
      diagnostic.code !== 'config-unknown-key' ||
      !/^[\w.-]+$/u.test(typed) ||
      typed === 'order'
    )
      return [];
    const edits = [{ range: diagnostic.range, newText: meant }];
    return [
      {
        title: `Write "${meant}"`,
        kind: CodeActionKind.QuickFix,
        isPreferred: true,
        diagnostics: [diagnostic],
        edit: {
          documentChanges: [{ textDocument: { uri: document.text.uri, version: document.text.version }, edits }],
        },
      },
    ];
  });
}
