import * as z from 'zod';
import { snapshot } from '../../core/steps/snapshot';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { leftOutWords } from '../../ui/words';
import { askStep } from '../ask';
import { changingCommand } from '../define';
import { iteration, runId, step } from '../input';

/** *Run Checks*: captures the diff and runs the checks, without an agent. */
export const stepSnapshot = changingCommand({
  id: COMMANDS.stepSnapshot,
  args: z.object({ runId, step, iteration: iteration.optional() }),
  progress: (args) => `Checking step ${args.step}`,
  ask: (context, given) => askStep(context, given, 'Run Checks'),
  lock: (args) => ({ runId: args.runId, command: `step snapshot ${args.step}` }),
  readsTree: true,
  run: (operation, args, { saveEditors }) =>
    snapshot(operation, {
      run: args.runId,
      step: args.step,
      iteration: args.iteration,
      beforeReadingTree: saveEditors,
    }),
  done: (_context, args, result) => {
    const { checks, diffEmpty } = result;
    const out = leftOutWords(result);
    if (diffEmpty) announce('warning', `Step ${args.step} has changed nothing yet.${out}`);
    else if (checks.all_passed === true) announce('info', `All checks passed in iteration ${result.iteration}.${out}`);
    else
      announce('warning', `The check "${checks.first_failure ?? '?'}" failed in iteration ${result.iteration}.${out}`);
  },
});
