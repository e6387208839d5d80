import * as z from 'zod';
import { writeFixPrompt } from '../../core/steps/fixPrompt';
import { COMMANDS } from '../../ids';
import { openFile } from '../../ui/open';
import { askStep } from '../ask';
import { changingCommand } from '../define';
import { iteration, runId, step } from '../input';

/** Writes the prompt that asks to fix what an iteration left wrong, for an agent outside Weld. */
export const stepFixPrompt = changingCommand({
  id: COMMANDS.stepFixPrompt,
  args: z.object({ runId, step, iteration: iteration.optional() }),
  ask: (context, given) => askStep(context, given, 'Prepare Fix Prompt'),
  lock: (args) => ({ runId: args.runId, command: `step fix prompt ${args.step}` }),
  run: (operation, args) => writeFixPrompt(operation, { run: args.runId, step: args.step, iteration: args.iteration }),
  done: (_context, _args, { path }) => openFile(path),
});
