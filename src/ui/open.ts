import * as vscode from 'vscode';

/** @param file absolute path */
export async function openFile(file: string, options: vscode.TextDocumentShowOptions = {}): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.file(file), options);
}
