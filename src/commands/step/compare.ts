import * as vscode from 'vscode';
import * as z from 'zod';
import { WeldError } from '../../core/errors';
import { readStepState } from '../../core/steps/state/read';
import { COMMANDS } from '../../ids';
import { askIteration } from '../ask';
import { readingCommand } from '../define';
import { iteration, runId, step } from '../input';

/** Asks with which other iteration of the step this one is compared, and shows the changes between both. */
export const stepCompare = readingCommand({
  id: COMMANDS.stepCompare,
  args: z.object({ runId, step, iteration }),
  ask: (context, given) => askIteration(context, given, 'Compare with Iteration'),
  run: async (project, args) => {
    const others = [...(await readStepState(project, args.runId, args.step)).iterations]
      .reverse()
      .filter(({ n, tree }) => n !== args.iteration && tree !== null);
    if (others.length === 0)
      throw new WeldError(
        'ITERATION_NOT_FOUND',
        `Step ${args.step} has no other iteration to compare with; run its loop once more first.`,
      );
    return { others: others.map(({ n, state, why }) => ({ n, state: why ?? state })) };
  },
  done: async ({ repository }, args, { others }) => {
    const items = others.map(({ n, state }) => ({ label: `Iteration ${n}`, description: state, n }));
    const picked = await vscode.window.showQuickPick(items, {
      title: 'Weld: Compare with Iteration',
      placeHolder: `With which iteration is iteration ${args.iteration} compared?`,
    });
    if (picked)
      await vscode.commands.executeCommand(COMMANDS.stepShowChanges, {
        folder: repository.project.top,
        ...args,
        against: picked.n,
      });
  },
});
