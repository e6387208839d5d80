import type * as vscode from 'vscode';
import { type Api, App } from './app';

let app: App | undefined;

/** Returns at once; what takes time follows. */
export function activate(context: vscode.ExtensionContext): Api {
  app = new App(context);
  return app.api;
}

/** The editor gives five seconds: work is stopped in order, its programs are ended, the lock is released. */
export async function deactivate(): Promise<void> {
  await app?.close();
  app = undefined;
}
