import * as vscode from 'vscode';
import * as z from 'zod';
import { planPrompt as writePlanPrompt } from '../../core/runs/plan';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { openFile } from '../../ui/open';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';

export const planPrompt = changingCommand({
  id: COMMANDS.planPrompt,
  args: z.object({ runId }),
  progress: () => 'Preparing the plan prompt',
  ask: (context, given) => askRun(context, given, 'Prepare Plan Prompt'),
  lock: (args) => ({ runId: args.runId, command: 'plan prompt' }),
  run: (operation, args) => writePlanPrompt(operation, args),
  done: async ({ repository }, args, { path }) => {
    await openFile(path);
    announce('info', 'The plan prompt is ready: give it to an agent of your choice, then import its answer.', [
      {
        title: 'Import Plan…',
        run: () =>
          vscode.commands.executeCommand(COMMANDS.planImport, { folder: repository.project.top, runId: args.runId }),
      },
    ]);
  },
});
