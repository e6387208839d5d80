import * as vscode from 'vscode';

/** Tells when an open folder becomes a git repository. */
export class GitWatch implements vscode.Disposable {
  private readonly watches = new Map<string, vscode.Disposable>();

  constructor(private readonly onRepository: () => void) {}

  /** Watches these folders and no others. */
  follow(folders: readonly vscode.WorkspaceFolder[]): void {
    const wanted = new Map(folders.map((folder) => [folder.uri.toString(), folder]));
    for (const [id, watch] of this.watches)
      if (!wanted.has(id)) {
        watch.dispose();
        this.watches.delete(id);
      }
    for (const [id, folder] of wanted) if (!this.watches.has(id)) this.watches.set(id, this.watch(folder));
  }

  dispose(): void {
    for (const watch of this.watches.values()) watch.dispose();
    this.watches.clear();
  }

  private watch(folder: vscode.WorkspaceFolder): vscode.Disposable {
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(folder, '.git'),
      false,
      true,
      true,
    );
    return vscode.Disposable.from(
      watcher,
      watcher.onDidCreate(() => {
        this.onRepository();
      }),
    );
  }
}
