import * as path from 'node:path';
import * as vscode from 'vscode';
import { standsIn } from '../core/artifacts/inside';
import { WeldError } from '../core/util/errors';
import { rememberSaveBeforeRun, settings } from '../platform/window';

/**
 * Creates a function that saves the unsaved editors of a repository before a phase reads the disk. It asks once and
 * uses the same answer for later phases.
 * @param silent save without asking, unless the setting is `never`
 */
export function editorSaver(top: string, silent: boolean): () => Promise<void> {
  let answer: 'save' | 'leave' | undefined = silent ? 'save' : undefined;
  return async () => {
    const unsaved = unsavedIn(top);
    if (unsaved.length === 0) return;
    if (settings.saveBeforeRun === 'always') answer = 'save';
    answer ??= await ask(unsaved);
    if (answer === 'leave') return;
    for (const document of unsaved) await save(document);
  };
}

/** The repository's editors to save; none when the setting is `never`. @param top absolute path */
export function unsavedIn(top: string): readonly vscode.TextDocument[] {
  if (settings.saveBeforeRun === 'never') return [];
  return vscode.workspace.textDocuments.filter(
    (document) => document.isDirty && document.uri.scheme === 'file' && standsIn(top, document.uri.fsPath),
  );
}

/** Saves a file's editor if it has unsaved changes. @param file absolute path @throws WeldError `NOT_WRITABLE` */
export async function saveEditorOf(file: string): Promise<void> {
  const unsaved = vscode.workspace.textDocuments.find(
    (document) => document.isDirty && document.uri.scheme === 'file' && document.uri.fsPath === file,
  );
  if (unsaved) await save(unsaved);
}

async function save(document: vscode.TextDocument): Promise<void> {
  if (!(await document.save()))
    throw new WeldError(
      'NOT_WRITABLE',
      `${path.basename(document.fileName)} could not be saved; save it by hand and try again.`,
    );
}

/** @throws WeldError `CANCELLED` when the person cancels */
async function ask(unsaved: readonly vscode.TextDocument[]): Promise<'save' | 'leave'> {
  const [first] = unsaved;
  const what = first && unsaved.length === 1 ? path.basename(first.fileName) : `${unsaved.length} files`;
  const answer = await vscode.window.showInformationMessage(
    `Save ${what} first?`,
    { modal: true, detail: 'Agents and checks read files from disk, without unsaved changes.' },
    'Save',
    'Always Save',
    "Don't Save",
  );
  if (answer === undefined) throw new WeldError('CANCELLED', 'Cancelled.');
  if (answer === 'Always Save') await rememberSaveBeforeRun('always');
  return answer === "Don't Save" ? 'leave' : 'save';
}
