import * as vscode from 'vscode';
import type { Oid } from '../core/git/git';
import type { Project } from '../core/project';
import { isPresent } from '../core/util/files';
import { announce } from './messages';
import { treeUri, uriPath } from './virtualDocuments';

/** Compares files of a tree with the files on disk, in the multi-file diff editor. @param title the title of its tab */
export async function showSince(title: string, top: string, tree: Oid, files: readonly string[]): Promise<void> {
  const resources = await Promise.all(
    files.map(async (file) => {
      const onDisk = vscode.Uri.joinPath(vscode.Uri.file(top), uriPath(file));
      const there = await isPresent(onDisk.fsPath);
      return [onDisk, treeUri({ top }, tree, file), there ? onDisk : undefined];
    }),
  );
  await vscode.commands.executeCommand('vscode.changes', title, resources);
}

/** Compares two trees in the multi-file diff editor. @param title the title of its tab @returns the changed paths */
export async function showChanges(project: Project, title: string, from: Oid, to: Oid): Promise<readonly string[]> {
  const files = await project.git.changedFiles(from, to);
  if (files.length === 0) {
    announce('info', `${title}: nothing differs.`);
    return [];
  }
  const resources = files.map((file) => [
    vscode.Uri.joinPath(vscode.Uri.file(project.top), uriPath(file.path)),
    file.status === 'added' ? undefined : treeUri(project, from, file.path),
    file.status === 'deleted' ? undefined : treeUri(project, to, file.path),
  ]);
  await vscode.commands.executeCommand('vscode.changes', title, resources);
  return files.map((file) => file.path);
}

/** Opens a file in a text editor. @param file absolute path */
export async function openFile(file: string, options: vscode.TextDocumentShowOptions = {}): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.file(file), options);
}
