import * as path from 'node:path';
import * as vscode from 'vscode';
import { WeldError } from '../core/errors';
import { rememberSaveBeforeRun, settings } from '../platform/settings';

/**
 * Saves the unsaved editors of a repository: agents and checks see the disk, not the editor. Asks once; the answer can be kept.
 * @param silent saves without asking, unless the setting says never
 * @throws WeldError `CANCELLED` when the person gives up
 */
export async function saveEditors(top: string, silent: boolean): Promise<void> {
  const unsaved = vscode.workspace.textDocuments.filter((document) => document.isDirty && document.uri.scheme === 'file' && isUnder(top, document.uri.fsPath));
  const [first] = unsaved;
  if (!first || settings.saveBeforeRun === 'never') return;
  if (!silent && settings.saveBeforeRun === 'ask') {
    const what = unsaved.length === 1 ? path.basename(first.fileName) : `${unsaved.length} files`;
    const answer = await vscode.window.showInformationMessage(
      `Save ${what} first?`, { modal: true, detail: 'Agents and checks read the disk; what is not saved is not seen.' }, 'Save', 'Always Save', "Don't Save");
    if (answer === undefined) throw new WeldError('CANCELLED', 'Cancelled.');
    if (answer === "Don't Save") return;
    if (answer === 'Always Save') await rememberSaveBeforeRun('always');
  }
  for (const document of unsaved)
    if (!(await document.save())) throw new WeldError('NOT_WRITABLE', `${path.basename(document.fileName)} could not be saved; save it by hand and try again.`);
}

function isUnder(top: string, file: string): boolean {
  const relative = path.relative(top, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}
