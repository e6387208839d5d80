import * as path from 'node:path';
import * as vscode from 'vscode';

interface FileItem extends vscode.QuickPickItem {
  readonly take: () => Promise<string | undefined>;
}

/** Asks for a file with an agent's answer: an open editor, or any file. @returns an absolute path */
export async function pickAnswerFile(title: string, placeHolder: string, top: string): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.filter(
    (document) => document.uri.scheme === 'file' && document.languageId === 'markdown' && !document.isClosed,
  );
  const items: FileItem[] = open.map((document) => ({
    label: path.basename(document.fileName),
    description: vscode.workspace.asRelativePath(document.uri),
    take: () => Promise.resolve(document.fileName),
  }));
  if (items.length === 0) return chooseFile(title, top);
  items.push({ label: '$(folder-opened) Choose Another File…', take: () => chooseFile(title, top) });
  const picked = await vscode.window.showQuickPick(items, { title: `Weld: ${title}`, placeHolder });
  return picked?.take();
}

/** The open dialog for one file. @returns an absolute path */
export async function chooseFile(openLabel: string, folder: string): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: false,
    openLabel,
    defaultUri: vscode.Uri.file(folder),
    filters: { 'Markdown and text': ['md', 'markdown', 'txt'], 'All files': ['*'] },
  });
  return picked?.[0]?.fsPath;
}
