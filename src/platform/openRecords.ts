import * as path from 'node:path';
import * as vscode from 'vscode';

/**
 * A file inside a run, where the manifest's `files.watcherExclude` keeps the editor's own watcher out. Its pattern must
 * not end in two stars: the editor adds its own, and what ends in four matches no file.
 */
const IN_RUN = /[\\/]\.weld[\\/]runs[\\/][^\\/]+[\\/]/u;

/**
 * Watches the folders of a run's files that are open, so that their editors show what Weld writes. The editor itself
 * would watch every folder of every run: 170,000 watches beside 10,000 runs, of the 192,536 that one Linux machine has.
 */
export class OpenRecords implements vscode.Disposable {
  private readonly watchers = new Map<string, vscode.FileSystemWatcher>();
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor() {
    const update = (): void => {
      this.update();
    };
    this.subscriptions = [
      vscode.workspace.onDidOpenTextDocument(update),
      vscode.workspace.onDidCloseTextDocument(update),
    ];
    this.update();
  }

  dispose(): void {
    for (const one of [...this.subscriptions, ...this.watchers.values()]) one.dispose();
  }

  private update(): void {
    const wanted = new Set(
      vscode.workspace.textDocuments
        .filter(({ uri, isClosed }) => !isClosed && uri.scheme === 'file' && IN_RUN.test(uri.fsPath))
        .map(({ uri }) => path.dirname(uri.fsPath)),
    );
    for (const [folder, watcher] of this.watchers) {
      if (wanted.delete(folder)) continue;
      watcher.dispose();
      this.watchers.delete(folder);
    }
    for (const folder of wanted) {
      // One folder and nothing below: only such a request is served where `files.watcherExclude` applies.
      const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), '*');
      this.watchers.set(folder, vscode.workspace.createFileSystemWatcher(pattern));
    }
  }
}
