import * as z from 'zod';
import { researchImport as importResearch } from '../../core/runs/research';
import { COMMANDS } from '../../ids';
import { openFile } from '../../ui/open';
import { pickAnswerFile } from '../../ui/pickFile';
import { savedAnswer } from '../answerFile';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';

export const researchImport = changingCommand({
  id: COMMANDS.researchImport,
  args: z.object({ runId, /** Absolute, or relative to the repository's top. */ file: z.string().min(1) }),
  progress: () => 'Importing the research',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Import Research');
    const file =
      run &&
      (given.file ??
        (await pickAnswerFile('Import Research', 'The research: a Markdown file', context.repository.project.top)));
    return run && file !== undefined ? { ...run, file } : undefined;
  },
  lock: (args) => ({ runId: args.runId, command: 'research import' }),
  run: async (operation, args) =>
    importResearch(operation, { runId: args.runId, markdown: await savedAnswer(operation.project.top, args.file) }),
  done: (_context, _args, { path }) => openFile(path),
});
