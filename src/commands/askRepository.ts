import * as vscode from 'vscode';
import type { Repository } from '../platform/repositories';
import type { Services } from './services';

/**
 * The repository of the named folder, of the active editor, the only one there is, or the one that the person picks.
 */
export async function askRepository(
  { repositories }: Services,
  folder: string | undefined,
): Promise<Repository | undefined> {
  if (folder !== undefined || repositories.folders.length < 2 || !repositories.undecided)
    return repositories.resolve(folder);
  const all = await repositories.all();
  if (all.length < 2) return all[0] ?? repositories.resolve();
  const items = all.map((repository) => ({
    label: `$(repo) ${repository.name}`,
    description: repository.project.top,
    repository,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Weld', placeHolder: 'Select a repository' }))?.repository;
}
