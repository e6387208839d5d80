import * as vscode from 'vscode';
import * as z from 'zod';
import { waiveIssue } from '../../core/steps/waive';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { changingCommand } from '../define';
import { iteration, runId, step } from '../input';
import { askIssue } from './ask';

/** Records that the person accepts an issue, with the reason; the gate of that iteration decides anew. */
export const issueWaive = changingCommand({
  id: COMMANDS.issueWaive,
  args: z.object({
    runId,
    step,
    iteration: iteration.optional(),
    issue: z.string().min(1),
    reason: z.string(),
    undo: z.boolean().optional(),
  }),
  ask: async (context, given) => {
    const at = await askIssue(context, given);
    if (!at) return undefined;
    const reason =
      given.reason ??
      (given.undo
        ? ''
        : await vscode.window.showInputBox({
            title: 'Weld: Waive Issue',
            prompt: 'Why may it stay? The reason is kept with the run and stands in the commit.',
            ignoreFocusOut: true,
            validateInput: (text) => (text.trim() === '' ? 'A waiver needs a reason.' : undefined),
          }));
    return reason === undefined ? undefined : { ...given, ...at, reason };
  },
  lock: (args) => ({ runId: args.runId, command: `issue waive ${args.step}` }),
  run: async (operation, args) => {
    const { iteration, pass } = await waiveIssue(operation, {
      run: args.runId,
      step: args.step,
      issue: args.issue,
      reason: args.reason,
      iteration: args.iteration,
      undo: args.undo,
    });
    return { iteration, pass };
  },
  done: (_context, args, { pass }) => {
    announce(
      'info',
      pass ? `Waived; step ${args.step} passes now.` : 'Waived; something else still keeps the step from passing.',
    );
  },
});
