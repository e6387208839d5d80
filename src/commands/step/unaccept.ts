import * as z from 'zod';
import { unacceptPasses } from '../../core/steps/accept';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId, step } from '../input';

/** *Remove Acceptance*: a pass counts no more by a person's word; without a step none of the run's. */
export const stepUnaccept = changingCommand({
  id: COMMANDS.stepUnaccept,
  args: z.object({ runId, step: step.optional() }),
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Remove Acceptance');
    return run && { ...run, ...(given.step !== undefined && { step: given.step }) };
  },
  lock: (args) => ({
    runId: args.runId,
    command: args.step === undefined ? 'step unaccept' : `step unaccept ${args.step}`,
  }),
  run: async (operation, args) => {
    await unacceptPasses(operation, { run: args.runId, step: args.step });
    return {};
  },
  done: (_context, args) => {
    announce(
      'info',
      args.step === undefined
        ? 'No pass of this run counts by acceptance any more.'
        : `Step ${args.step} does not count by acceptance any more.`,
    );
  },
});
