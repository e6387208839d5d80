import * as vscode from 'vscode';
import * as z from 'zod';
import { COMMANDS } from '../ids';
import { windowCommand } from './define';

/** Shows a file or a run's folder in the explorer. */
export const reveal = windowCommand({
  id: COMMANDS.reveal,
  args: z.object({ path: z.string() }),
  run: async (_services, args) => {
    await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(args.path));
    return {};
  },
});
