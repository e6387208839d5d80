import * as fs from 'node:fs/promises';
import * as z from 'zod';
import { WeldError } from '../../core/errors';
import { resolveStep } from '../../core/steps/resolve';
import { COMMANDS } from '../../ids';
import { openFile } from '../../ui/open';
import { askIteration } from '../ask';
import { readingCommand } from '../define';
import { iteration, runId, step } from '../input';

export const stepOpenReview = readingCommand({
  id: COMMANDS.stepOpenReview,
  args: z.object({ runId, step, iteration }),
  ask: (context, given) => askIteration(context, given, 'Open Review'),
  run: async (project, args) => {
    const path = (await resolveStep(project, args.runId, args.step)).paths.iteration(args.iteration).review;
    const there = await fs.stat(path).then(
      () => true,
      () => false,
    );
    if (!there)
      throw new WeldError(
        'ITERATION_NOT_FOUND',
        `Iteration ${args.iteration} of step ${args.step} has no review yet; run the loop or review it.`,
      );
    return { path };
  },
  done: (_context, _args, { path }) => openFile(path, { preview: true }),
});
