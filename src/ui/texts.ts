import * as vscode from 'vscode';
import { TEXT_SCHEME } from '../ids';

/** Read-only documents of texts that stand in no file: closing one asks nothing, unlike an untitled editor. */
export class Texts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly subscriptions: vscode.Disposable[];
  private count = 0;

  constructor() {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(TEXT_SCHEME, this),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === TEXT_SCHEME) this.texts.delete(document.uri.toString());
      }),
    ];
  }

  /** @param name as the tab shows it, such as `prompt.md` @returns the URI to open or to compare */
  add(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({
      scheme: TEXT_SCHEME,
      path: `/${name.replaceAll('/', '-')}`,
      query: String(++this.count),
    });
    this.texts.set(uri.toString(), text);
    return uri;
  }

  async show(name: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(this.add(name, text), { preview: false });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? 'This text is no longer kept; start the command again.';
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
