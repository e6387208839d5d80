import * as path from 'node:path';
import * as vscode from 'vscode';

interface FileItem extends vscode.QuickPickItem {
  readonly take: () => Promise<string | undefined>;
}

/** Asks for a file with an agent's answer: one that is open in an editor, or any file. @returns an absolute path */
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

/** Shows the open dialog for one file. @returns an absolute path */
export async function chooseFile(openLabel: string, folder: string): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: false,
    openLabel,
    defaultUri: vscode.Uri.file(folder),
    filters: { 'Markdown and text': ['md', 'markdown', 'txt'], 'All files': ['*'] },
  });
  return picked?.[0]?.fsPath;
}

/** Asks for a text that is not empty, such as a reason. @param refusal the sentence shown while it is empty */
export function askText(
  title: string,
  prompt: string,
  refusal: string,
  value = '',
  token?: vscode.CancellationToken,
): Thenable<string | undefined> {
  const validateInput = (text: string): string | undefined => (text.trim() === '' ? refusal : undefined);
  return vscode.window.showInputBox(
    { title: `Weld: ${title}`, prompt, ignoreFocusOut: true, value, validateInput },
    token,
  );
}

interface SpecItem extends vscode.QuickPickItem {
  readonly file?: string;
}

/** Maximum number of Markdown files in the pick; the open dialog suits more of them better. */
const MAX_FILES = 200;

/** Asks for the specification; the active Markdown file is the first choice. @returns an absolute path */
export async function pickSpec(top: string): Promise<string | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  const front = active?.languageId === 'markdown' && active.uri.scheme === 'file' ? active.uri.fsPath : undefined;
  const found = await vscode.workspace.findFiles(
    new vscode.RelativePattern(top, '**/*.md'),
    '{**/node_modules/**,**/.weld/**}',
    MAX_FILES,
  );
  const files = [...new Set([...(front === undefined ? [] : [front]), ...found.map((uri) => uri.fsPath).sort()])];
  const items: SpecItem[] = [
    ...files.map(
      (file): SpecItem => ({
        label: path.basename(file),
        description: path.relative(top, path.dirname(file)),
        ...(file === front && { detail: 'open in front' }),
        file,
      }),
    ),
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(folder-opened) Choose Another File…' },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Weld: Start Run',
    placeHolder: 'The specification: a file that describes what to build',
    matchOnDescription: true,
  });
  if (!picked) return undefined;
  return picked.file ?? (await chooseFile('Use as Specification', top));
}
