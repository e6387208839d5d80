import * as path from 'node:path';
import * as vscode from 'vscode';
import { isSample } from '../core/runs/sample/place';

const SHOWN = 'sampleShown';

/** The first time a window opens a sample: shows the Runs view, and beside it what to do. */
export async function welcomeToSample(state: vscode.Memento): Promise<void> {
  const [folder, ...more] = vscode.workspace.workspaceFolders ?? [];
  if (!folder || more.length > 0 || !isSample(folder.uri.fsPath) || state.get(SHOWN)) return;
  await state.update(SHOWN, true);
  await vscode.commands.executeCommand(
    'markdown.showPreview',
    vscode.Uri.file(path.join(folder.uri.fsPath, 'README.md')),
  );
  await vscode.commands.executeCommand('weld.runs.focus');
}
