import * as vscode from 'vscode';
import * as z from 'zod';
import { selectStep } from '../../core/steps/select';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { openFile } from '../../ui/open';
import { leftOutWords } from '../../ui/words';
import { askStep } from '../ask';
import { changingCommand } from '../define';
import { runId, step } from '../input';

export const stepSelect = changingCommand({
  id: COMMANDS.stepSelect,
  args: z.object({ runId, step }),
  progress: (args) => `Selecting step ${args.step}`,
  ask: (context, given) => askStep(context, given, 'Select Step'),
  lock: (args) => ({ runId: args.runId, command: `step select ${args.step}` }),
  readsTree: true,
  run: (operation, args, { saveEditors }) =>
    selectStep(operation, { run: args.runId, step: args.step, beforeReadingTree: saveEditors }),
  done: async ({ repository }, args, result) => {
    await openFile(result.path, { preview: true });
    announce('info', `Step ${args.step} is selected; its changes are counted from now on.${leftOutWords(result)}`, [
      {
        title: 'Run Step Loop',
        run: () => vscode.commands.executeCommand(COMMANDS.stepLoop, { folder: repository.project.top, ...args }),
      },
    ]);
  },
});
