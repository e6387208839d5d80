import * as vscode from 'vscode';

/** Watches single folders, never what is below them: a tree of 10,000 runs costs what is unfolded of it. */
export class FolderWatch implements vscode.Disposable {
  private readonly watchers = new Map<string, vscode.Disposable>();

  constructor(private readonly onChange: () => void) {}

  /** @param folders absolute paths; one that does not exist yet is noticed when it appears */
  add(folders: readonly string[]): void {
    for (const folder of folders) {
      if (this.watchers.has(folder)) continue;
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), '*'));
      const noted = (): void => { this.onChange(); };
      this.watchers.set(folder, vscode.Disposable.from(watcher, watcher.onDidCreate(noted), watcher.onDidDelete(noted), watcher.onDidChange(noted)));
    }
  }

  remove(folders: readonly string[]): void {
    for (const folder of folders) {
      this.watchers.get(folder)?.dispose();
      this.watchers.delete(folder);
    }
  }

  dispose(): void {
    this.remove([...this.watchers.keys()]);
  }
}
