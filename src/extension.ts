import type * as vscode from 'vscode';
import { type Api, App } from './app';

let app: App | undefined;

/** Returns at once; slow work continues in the background. */
export function activate(context: vscode.ExtensionContext): Api {
  app = new App(context);
  return app.api;
}

/** Stops work, ends its programs and releases the lock, within the five seconds that the editor allows. */
export async function deactivate(): Promise<void> {
  await app?.close();
  app = undefined;
}
