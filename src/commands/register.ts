import * as vscode from 'vscode';
import type { Command } from './define';
import { execute } from './execute';
import type { Services } from './services';

/** The only place that registers commands. */
export function registerCommands(commands: readonly Command[], services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    ...commands.map((command) =>
      vscode.commands.registerCommand(command.id, (...raw: unknown[]) => execute(command, services, raw)),
    ),
  );
}
