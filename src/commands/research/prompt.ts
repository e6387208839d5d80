import * as vscode from 'vscode';
import * as z from 'zod';
import { researchPrompt as writePrompt } from '../../core/runs/research';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { openFile } from '../../ui/open';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';

export const researchPrompt = changingCommand({
  id: COMMANDS.researchPrompt,
  args: z.object({ runId }),
  progress: () => 'Preparing the research prompt',
  ask: (context, given) => askRun(context, given, 'Prepare Research Prompt'),
  lock: (args) => ({ runId: args.runId, command: 'research prompt' }),
  run: (operation, args) => writePrompt(operation, args),
  done: async ({ repository }, args, { path }) => {
    await openFile(path);
    announce('info', 'The research prompt is ready: give it to an agent of your choice, then import its answer.', [
      {
        title: 'Import Research…',
        run: () =>
          vscode.commands.executeCommand(COMMANDS.researchImport, {
            folder: repository.project.top,
            runId: args.runId,
          }),
      },
    ]);
  },
});
