import * as vscode from 'vscode';
import * as z from 'zod';
import { planInForce } from '../../core/runs/planInForce';
import { applyReviewedPlan, proposedPlan, planReview as reviewPlan } from '../../core/runs/planReview';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { openFile } from '../../ui/open';
import { askRun } from '../ask';
import { type Context, changingCommand } from '../define';
import { runId } from '../input';

/** With `apply` a revised plan is put in force at once; else the person sees it against the present one first. */
export const planReview = changingCommand({
  id: COMMANDS.planReview,
  args: z.object({ runId, apply: z.boolean().optional() }),
  progress: () => 'Reviewing the plan',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Review Plan');
    return run && { ...run, ...(given.apply !== undefined && { apply: given.apply }) };
  },
  lock: (args) => ({ runId: args.runId, command: 'plan review' }),
  readsTree: true,
  run: (operation, args) => reviewPlan(operation, { runId: args.runId, apply: args.apply ?? false }),
  done: async (context, args, result) => {
    if (args.apply || !result.revised) {
      await openFile(context.repository.project.paths.run(args.runId).reviewOutput, { preview: true });
      announce(
        'info',
        result.revised ? `Revised plan applied; it has ${result.steps} steps.` : 'The reviewer left the plan as it is.',
      );
      return;
    }
    await compare(context, args);
    announce('info', `The reviewer revised the plan; it would have ${result.steps} steps.`, [
      {
        title: 'Apply',
        run: () =>
          vscode.commands.executeCommand(COMMANDS.planApply, {
            folder: context.repository.project.top,
            runId: args.runId,
          }),
      },
      { title: 'Open Review', run: () => openFile(context.repository.project.paths.run(args.runId).reviewOutput) },
    ]);
  },
});

/** Puts the plan of the last review in force. */
export const planApply = changingCommand({
  id: COMMANDS.planApply,
  args: z.object({ runId }),
  progress: () => 'Applying the revised plan',
  ask: (context, given) => askRun(context, given, 'Apply Revised Plan'),
  lock: (args) => ({ runId: args.runId, command: 'plan apply' }),
  run: (operation, args) => applyReviewedPlan(operation, args),
  done: (_context, _args, { steps }) => {
    announce('info', `Revised plan applied; it has ${steps} steps.`);
  },
});

async function compare(
  { repository: { project }, services }: Context,
  args: z.output<z.ZodObject<{ runId: typeof runId }>>,
): Promise<void> {
  const [current, proposed] = await Promise.all([planInForce(project, args.runId), proposedPlan(project, args.runId)]);
  if (!current || !proposed) return;
  await vscode.commands.executeCommand(
    'vscode.diff',
    vscode.Uri.file(current.file),
    services.texts.add('plan.revised.md', proposed.text),
    'Plan: current ↔ proposed',
  );
}
