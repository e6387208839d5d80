import * as z from 'zod';
import { planGenerate as generate } from '../../core/runs/plan';
import { COMMANDS } from '../../ids';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';
import { announcePlan } from './announce';

export const planGenerate = changingCommand({
  id: COMMANDS.planGenerate,
  args: z.object({ runId }),
  progress: () => 'Generating the plan',
  ask: (context, given) => askRun(context, given, 'Generate Plan'),
  lock: (args) => ({ runId: args.runId, command: 'plan generate' }),
  readsTree: true,
  run: (operation, args) => generate(operation, args),
  done: (context, args, result) => announcePlan(context, args.runId, result),
});
