import * as vscode from 'vscode';
import * as z from 'zod';
import { WeldError } from '../core/errors';
import { COMMANDS } from '../ids';
import { openFile } from '../ui/open';
import { readingCommand } from './define';

export const openConfig = readingCommand({
  id: COMMANDS.openConfig,
  args: z.object({}),
  run: async (project) => {
    const uri = vscode.Uri.file(project.paths.config);
    try {
      await vscode.workspace.fs.stat(uri);
    } catch (error) {
      throw new WeldError('RUN_NOT_FOUND', 'There is no .weld/config.toml yet; initialize the repository first.', {
        cause: error,
        action: { title: 'Initialize Repository', command: COMMANDS.init },
      });
    }
    return { path: project.paths.config };
  },
  done: (_context, _args, { path }) => openFile(path),
});
