import * as z from 'zod';
import { reviewIteration, snapshot, writeFixPrompt } from '../../core/steps/requests';
import { COMMANDS } from '../../ids';
import { button } from '../../platform/invoke';
import { openFile } from '../../ui/changes';
import { counted, leftOutWords } from '../../ui/format';
import { announce } from '../../ui/messages';
import { askStep } from '../askFor';
import { changingCommand } from '../define';
import { iteration, runId, step } from '../input';

/** *Run Checks*: captures the diff and runs the checks, without an agent. */
export const stepSnapshot = changingCommand({
  id: COMMANDS.stepSnapshot,
  args: z.object({ runId, step, iteration: iteration.optional() }),
  progress: (args) => `Checking step ${args.step}`,
  ask: (context, given) => askStep(context, given, 'Run Checks'),
  lock: (args) => ({ runId: args.runId, operation: 'step snapshot', step: args.step }),
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

export const stepReview = changingCommand({
  id: COMMANDS.stepReview,
  args: z.object({ runId, step, iteration: iteration.optional() }),
  progress: (args) => `Reviewing step ${args.step}`,
  ask: (context, given) => askStep(context, given, 'Review Iteration'),
  lock: (args) => ({ runId: args.runId, operation: 'step review', step: args.step }),
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
      [button('Open Review', COMMANDS.stepOpenReview, { folder: repository.project.top, ...args })],
    );
  },
});

/** Writes a prompt for an agent outside Weld: it asks to fix the open problems of an iteration. */
export const stepFixPrompt = changingCommand({
  id: COMMANDS.stepFixPrompt,
  args: z.object({ runId, step, iteration: iteration.optional() }),
  ask: (context, given) => askStep(context, given, 'Prepare Fix Prompt'),
  lock: (args) => ({ runId: args.runId, operation: 'step fix prompt', step: args.step }),
  run: (operation, args) => writeFixPrompt(operation, { run: args.runId, step: args.step, iteration: args.iteration }),
  done: (_context, _args, { path }) => openFile(path),
});
