import * as z from 'zod';
import { amendStep } from '../../core/steps/amend';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { askStep } from '../ask';
import { changingCommand } from '../define';
import { runId, step } from '../input';

/** Takes the step's text and criteria from the plan in force again, after the plan was edited. */
export const stepAmend = changingCommand({
  id: COMMANDS.stepAmend,
  args: z.object({ runId, step }),
  ask: (context, given) => askStep(context, given, 'Update Step from Plan'),
  lock: (args) => ({ runId: args.runId, command: `step amend ${args.step}` }),
  run: async (operation, args) => {
    await amendStep(operation, { run: args.runId, step: args.step });
    return {};
  },
  done: (_context, args) => {
    announce('info', `Step ${args.step} has the text of the plan now.`);
  },
});
