import * as z from 'zod';
import { waiveIssue } from '../../core/steps/waive';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { changingCommand } from '../define';
import { iteration, runId, step } from '../input';

/** *Remove Waiver*: the issue counts again; the gate of that iteration decides anew. */
export const issueUnwaive = changingCommand({
  id: COMMANDS.issueUnwaive,
  args: z.object({ runId, step, iteration: iteration.optional(), issue: z.string().min(1) }),
  lock: (args) => ({ runId: args.runId, command: `issue waive ${args.step}` }),
  run: async (operation, args) => {
    const { iteration, pass } = await waiveIssue(operation, {
      run: args.runId,
      step: args.step,
      issue: args.issue,
      reason: '',
      iteration: args.iteration,
      undo: true,
    });
    return { iteration, pass };
  },
  done: (_context, args, { pass }) => {
    announce(
      'info',
      pass ? 'The issue counts again.' : `The issue counts again; step ${args.step} does not pass with it.`,
    );
  },
});
