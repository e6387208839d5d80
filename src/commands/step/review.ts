import * as vscode from 'vscode';
import * as z from 'zod';
import { reviewIteration } from '../../core/steps/review';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { counted } from '../../ui/words';
import { askStep } from '../ask';
import { changingCommand } from '../define';
import { iteration, runId, step } from '../input';

export const stepReview = changingCommand({
  id: COMMANDS.stepReview,
  args: z.object({ runId, step, iteration: iteration.optional() }),
  progress: (args) => `Reviewing step ${args.step}`,
  ask: (context, given) => askStep(context, given, 'Review Iteration'),
  lock: (args) => ({ runId: args.runId, command: `step review ${args.step}` }),
  readsTree: true,
  run: (operation, args, { saveEditors }) =>
    reviewIteration(operation, {
      run: args.runId,
      step: args.step,
      iteration: args.iteration,
      beforeReadingTree: saveEditors,
    }),
  done: ({ repository }, args, { pass, issues }) => {
    announce(
      pass ? 'info' : 'warning',
      pass
        ? `The review of step ${args.step} passed.`
        : `The review of step ${args.step} found ${counted(issues.length, 'issue')}.`,
      [
        {
          title: 'Open Review',
          run: () =>
            vscode.commands.executeCommand(COMMANDS.stepOpenReview, { folder: repository.project.top, ...args }),
        },
      ],
    );
  },
});
