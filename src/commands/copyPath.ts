import * as vscode from 'vscode';
import * as z from 'zod';
import { COMMANDS } from '../ids';
import { windowCommand } from './define';

export const copyPath = windowCommand({
  id: COMMANDS.copyPath,
  args: z.object({ path: z.string() }),
  run: async (_services, args) => {
    await vscode.env.clipboard.writeText(args.path);
    return {};
  },
});
