import * as vscode from 'vscode';
import { COMMANDS, type CommandId } from '../ids';
import type { Services } from './define';

/** The only place that registers commands. Their code is loaded when the first of them runs. */
export function registerCommands(services: Services): vscode.Disposable {
  const run = async (id: CommandId, raw: readonly unknown[]): Promise<unknown> => {
    const { allCommands, execute } = await import('./all');
    const command = allCommands.find((each) => each.id === id);
    return command && execute(command, services, raw);
  };
  return vscode.Disposable.from(
    ...Object.values(COMMANDS).map((id) => vscode.commands.registerCommand(id, (...raw: unknown[]) => run(id, raw))),
  );
}
