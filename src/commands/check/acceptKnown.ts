import * as vscode from 'vscode';
import * as z from 'zod';
import { CHECKS } from '../../core/steps/conditions/failures';
import { waiveIssue } from '../../core/steps/waive';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { askStep } from '../ask';
import { changingCommand } from '../define';
import { iteration, runId, step } from '../input';

/**
 * *Accept as Known*: the failures of the checks that an iteration has count as passed for the rest of the run, these
 * and no
 * others; the gate of that iteration decides anew. *Remove Waiver* undoes it, with `checks_passed` as the issue.
 */
export const acceptKnown = changingCommand({
  id: COMMANDS.checkAcceptKnown,
  args: z.object({ runId, step, iteration: iteration.optional(), reason: z.string(), undo: z.boolean().optional() }),
  ask: async (context, given) => {
    const at = await askStep(context, given, 'Accept as Known');
    if (!at) return undefined;
    const reason =
      given.reason ??
      (given.undo
        ? ''
        : await vscode.window.showInputBox({
            title: 'Weld: Accept as Known',
            prompt: 'Why may these checks fail as they do? It holds for this run, for these failures and no others.',
            ignoreFocusOut: true,
            validateInput: (text) => (text.trim() === '' ? 'To accept a failure needs a reason.' : undefined),
          }));
    return reason === undefined ? undefined : { ...given, ...at, reason };
  },
  lock: (args) => ({ runId: args.runId, command: `issue waive ${args.step}` }),
  run: async (operation, args) => {
    const { iteration, pass } = await waiveIssue(operation, {
      run: args.runId,
      step: args.step,
      issue: CHECKS,
      reason: args.reason,
      iteration: args.iteration,
      undo: args.undo,
    });
    return { iteration, pass };
  },
  done: (_context, args, { pass }) => {
    announce(
      'info',
      pass
        ? `Accepted as known; step ${args.step} passes now.`
        : 'Accepted as known; something else still keeps the step from passing.',
    );
  },
});
