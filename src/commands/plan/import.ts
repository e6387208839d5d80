import * as z from 'zod';
import { planImport as importPlan } from '../../core/runs/plan';
import { COMMANDS } from '../../ids';
import { pickAnswerFile } from '../../ui/pickFile';
import { savedAnswer } from '../answerFile';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';
import { announcePlan } from './announce';

export const planImport = changingCommand({
  id: COMMANDS.planImport,
  args: z.object({ runId, /** Absolute, or relative to the repository's top. */ file: z.string().min(1) }),
  progress: () => 'Importing the plan',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Import Plan');
    const file =
      run &&
      (given.file ??
        (await pickAnswerFile(
          'Import Plan',
          'The plan: a Markdown file with `## Step N: Title` sections',
          context.repository.project.top,
        )));
    return run && file !== undefined ? { ...run, file } : undefined;
  },
  lock: (args) => ({ runId: args.runId, command: 'plan import' }),
  run: async (operation, args) =>
    importPlan(operation, { runId: args.runId, markdown: await savedAnswer(operation.project.top, args.file) }),
  done: (context, args, result) => announcePlan(context, args.runId, result),
});
