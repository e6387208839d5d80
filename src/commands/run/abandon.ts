import * as vscode from 'vscode';
import * as z from 'zod';
import { abandonRun } from '../../core/runs/abandon';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';

export const runAbandon = changingCommand({
  id: COMMANDS.runAbandon,
  args: z.object({ runId }),
  progress: () => 'Abandoning the run',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Abandon Run');
    if (!run) return undefined;
    const sure = await vscode.window.showWarningMessage(
      `Abandon the run ${run.runId}?`,
      {
        modal: true,
        detail:
          'Its files stay under .weld/runs, and your work tree stays as it is. The trees of its iterations are ' +
          'given up: they cannot be compared or restored any more.',
      },
      'Abandon',
    );
    return sure === 'Abandon' ? run : undefined;
  },
  lock: (args) => ({ runId: args.runId, command: 'run abandon' }),
  run: async (operation, args) => {
    await abandonRun(operation, args);
    return {};
  },
  done: (_context, args) => {
    announce('info', `The run ${args.runId} is abandoned; its files are kept.`);
  },
});
