import * as vscode from 'vscode';
import * as z from 'zod';
import { WeldError } from '../core/util/errors';
import { COMMANDS } from '../ids';
import { windowCommand } from './define';

/** Opens a file of a run or of the repository after a click in the tree or on a quick fix. Lines count from 1. */
export const openArtifact = windowCommand({
  id: COMMANDS.openArtifact,
  args: z.object({ path: z.string(), line: z.int().positive().optional() }),
  run: async (_services, args) => {
    const uri = vscode.Uri.file(args.path);
    const at = args.line === undefined ? undefined : new vscode.Position(args.line - 1, 0);
    try {
      await vscode.commands.executeCommand('vscode.open', uri, at && { selection: new vscode.Range(at, at) });
    } catch (error) {
      throw new WeldError('DAMAGED_FILE', `${args.path} could not be opened; check whether it still exists.`, {
        cause: error,
      });
    }
    return {};
  },
});

export const copyPath = windowCommand({
  id: COMMANDS.copyPath,
  args: z.object({ path: z.string() }),
  run: async (_services, args) => {
    await vscode.env.clipboard.writeText(args.path);
    return {};
  },
});

/** Shows a file or a run's folder in the explorer. */
export const reveal = windowCommand({
  id: COMMANDS.reveal,
  args: z.object({ path: z.string() }),
  run: async (_services, args) => {
    await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(args.path));
    return {};
  },
});
