import * as path from 'node:path';
import * as vscode from 'vscode';
import { chooseFile } from './pickFile';

interface SpecItem extends vscode.QuickPickItem {
  readonly file?: string;
}

/** More Markdown than this is better searched by the open dialog. */
const MOST = 200;

/** Asks for the specification: the Markdown in front first, then the repository's. @returns an absolute path */
export async function pickSpec(top: string): Promise<string | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  const front = active?.languageId === 'markdown' && active.uri.scheme === 'file' ? active.uri.fsPath : undefined;
  const found = await vscode.workspace.findFiles(
    new vscode.RelativePattern(top, '**/*.md'),
    '{**/node_modules/**,**/.weld/**}',
    MOST,
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
    placeHolder: 'The specification: a file that says what is to be built',
    matchOnDescription: true,
  });
  if (!picked) return undefined;
  return picked.file ?? (await chooseFile('Use as Specification', top));
}
