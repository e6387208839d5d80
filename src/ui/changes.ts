import * as vscode from 'vscode';
import type { Project } from '../core/project';
import { announce } from './messages';
import { treeUri, uriPath } from './treeFiles';

/** Opens the multi-file diff editor on two trees. @param title as its tab shows it */
export async function showChanges(project: Project, title: string, from: string, to: string): Promise<readonly string[]> {
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
