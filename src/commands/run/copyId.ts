import * as vscode from 'vscode';
import * as z from 'zod';
import { COMMANDS } from '../../ids';
import { windowCommand } from '../define';
import { runId } from '../input';

export const runCopyId = windowCommand({
  id: COMMANDS.runCopyId,
  args: z.object({ runId }),
  run: async (_services, args) => {
    await vscode.env.clipboard.writeText(args.runId);
    return {};
  },
});
