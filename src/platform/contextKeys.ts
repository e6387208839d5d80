import * as vscode from 'vscode';
import type { CONTEXTS } from '../ids';

type ContextKey = (typeof CONTEXTS)[keyof typeof CONTEXTS];

/** Sets context keys for `when` clauses; a value that has not changed is not sent again. */
export class ContextKeys {
  private readonly sent = new Map<ContextKey, unknown>();

  set(key: ContextKey, value: string | boolean): void {
    if (this.sent.get(key) === value) return;
    this.sent.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
