import * as vscode from 'vscode';
import * as z from 'zod';
import { skipStep } from '../../core/steps/skip';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { askStep } from '../ask';
import { changingCommand } from '../define';
import { runId, step } from '../input';

export const stepSkip = changingCommand({
  id: COMMANDS.stepSkip,
  args: z.object({ runId, step, reason: z.string().optional() }),
  ask: async (context, given) => {
    const at = await askStep(context, given, 'Skip Step');
    if (!at) return undefined;
    const reason =
      given.reason ??
      (await vscode.window.showInputBox({
        title: `Weld: Skip Step ${at.step}`,
        prompt: 'Why is it skipped? The run keeps the reason.',
        ignoreFocusOut: true,
      }));
    return reason === undefined ? undefined : { ...at, reason };
  },
  lock: (args) => ({ runId: args.runId, command: `step skip ${args.step}` }),
  run: async (operation, args) => {
    await skipStep(operation, { run: args.runId, step: args.step, reason: args.reason });
    return {};
  },
  done: (_context, args) => {
    announce('info', `Step ${args.step} is skipped.`);
  },
});
