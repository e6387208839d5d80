import * as z from 'zod';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { readingCommand } from '../define';
import { runId } from '../input';

/** Asks this window's work to end in order; its own progress tells when it has. */
export const stepStop = readingCommand({
  id: COMMANDS.stepStop,
  args: z.object({ runId: runId.optional() }),
  run: async (_project, args, { repository, silent }) => {
    const { work } = repository.locks;
    const stopped = (args.runId === undefined || work?.runId === args.runId) && repository.locks.stop();
    if (!stopped && !silent) announce('info', 'This window runs no step loop at the moment.');
    return Promise.resolve({});
  },
});
