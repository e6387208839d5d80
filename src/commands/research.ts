import * as z from 'zod';
import {
  researchGenerate as generate,
  researchImport as importResearch,
  researchReview as review,
  researchPrompt as writePrompt,
} from '../core/runs/importResearch';
import { COMMANDS } from '../ids';
import { button } from '../platform/invoke';
import { openFile } from '../ui/changes';
import { announce } from '../ui/messages';
import { pickAnswerFile } from '../ui/pick';
import { savedAnswer } from './answerFile';
import { askRun } from './askFor';
import { changingCommand } from './define';
import { runId } from './input';

/** Writes the prompt for the research, for an agent outside Weld. */
export const researchPrompt = changingCommand({
  id: COMMANDS.researchPrompt,
  args: z.object({ runId }),
  progress: () => 'Preparing the research prompt',
  ask: (context, given) => askRun(context, given, 'Prepare Research Prompt'),
  lock: (args) => ({ runId: args.runId, operation: 'research prompt' }),
  run: (operation, args) => writePrompt(operation, args),
  done: async ({ repository }, args, { path }) => {
    await openFile(path);
    announce('info', 'The research prompt is ready: give it to an agent of your choice, then import its answer.', [
      button('Import Research…', COMMANDS.researchImport, { folder: repository.project.top, runId: args.runId }),
    ]);
  },
});

export const researchGenerate = changingCommand({
  id: COMMANDS.researchGenerate,
  args: z.object({ runId }),
  progress: () => 'Researching',
  ask: (context, given) => askRun(context, given, 'Generate Research'),
  lock: (args) => ({ runId: args.runId, operation: 'research generate' }),
  readsTree: true,
  run: (operation, args) => generate(operation, args),
  done: (_context, _args, { path }) => openFile(path),
});

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
  lock: (args) => ({ runId: args.runId, operation: 'research import' }),
  run: async (operation, args) =>
    importResearch(operation, { runId: args.runId, markdown: await savedAnswer(operation.project.top, args.file) }),
  done: (_context, _args, { path }) => openFile(path),
});

export const researchReview = changingCommand({
  id: COMMANDS.researchReview,
  args: z.object({ runId }),
  progress: () => 'Reviewing the research',
  ask: (context, given) => askRun(context, given, 'Review Research'),
  lock: (args) => ({ runId: args.runId, operation: 'research review' }),
  readsTree: true,
  run: (operation, args) => review(operation, args),
  done: (_context, _args, { path }) => openFile(path),
});
