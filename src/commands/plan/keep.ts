import * as vscode from 'vscode';
import * as z from 'zod';
import { acceptStale } from '../../core/runs/stale';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';

/** *Keep Current Plan*: what the plan was made from has changed, and the person goes on with it; the run keeps why. */
export const planKeep = changingCommand({
  id: COMMANDS.planKeep,
  args: z.object({ runId, reason: z.string() }),
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Keep Current Plan');
    const reason =
      run &&
      (given.reason ??
        (await vscode.window.showInputBox({
          title: 'Weld: Keep Current Plan',
          prompt: 'Why does it still fit? The run keeps the reason.',
          ignoreFocusOut: true,
          validateInput: (text) => (text.trim() === '' ? 'A reason is needed.' : undefined),
        })));
    return run && reason !== undefined ? { ...run, reason } : undefined;
  },
  lock: (args) => ({ runId: args.runId, command: 'plan keep' }),
  run: async (operation, args) => {
    await acceptStale(operation, { runId: args.runId, artifact: 'plan', reason: args.reason });
    return {};
  },
  done: ({ repository }, args) => {
    announce('info', 'The current plan stays.', [
      {
        title: 'Continue',
        run: () =>
          vscode.commands.executeCommand(COMMANDS.runContinue, { folder: repository.project.top, runId: args.runId }),
      },
    ]);
  },
});
