import * as vscode from 'vscode';
import * as z from 'zod';
import type { RunId } from '../core/artifacts/runIds';
import {
  planGenerate as generate,
  planImport as importPlan,
  planPrompt as writePlanPrompt,
} from '../core/runs/importPlan';
import { applyReviewedPlan, proposedPlan, planReview as reviewPlan } from '../core/runs/planReview';
import { acceptStale } from '../core/runs/staleArtifacts';
import { planInForce } from '../core/steps/planInForce';
import { COMMANDS } from '../ids';
import { button } from '../platform/invoke';
import { openFile } from '../ui/changes';
import { counted } from '../ui/format';
import { announce } from '../ui/messages';
import { askText, pickAnswerFile } from '../ui/pick';
import { savedAnswer } from './answerFile';
import { askRun } from './askFor';
import { type Context, changingCommand } from './define';
import { runId } from './input';

/** Writes the prompt for a plan, for an agent outside Weld. */
export const planPrompt = changingCommand({
  id: COMMANDS.planPrompt,
  args: z.object({ runId }),
  progress: () => 'Preparing the plan prompt',
  ask: (context, given) => askRun(context, given, 'Prepare Plan Prompt'),
  lock: (args) => ({ runId: args.runId, operation: 'plan prompt' }),
  run: (operation, args) => writePlanPrompt(operation, args),
  done: async ({ repository }, args, { path }) => {
    await openFile(path);
    announce('info', 'The plan prompt is ready: give it to an agent of your choice, then import its answer.', [
      button('Import Plan…', COMMANDS.planImport, { folder: repository.project.top, runId: args.runId }),
    ]);
  },
});

export const planGenerate = changingCommand({
  id: COMMANDS.planGenerate,
  args: z.object({ runId }),
  progress: () => 'Generating the plan',
  ask: (context, given) => askRun(context, given, 'Generate Plan'),
  lock: (args) => ({ runId: args.runId, operation: 'plan generate' }),
  readsTree: true,
  run: (operation, args) => generate(operation, args),
  done: (context, args, result) => announcePlan(context, args.runId, result),
});

/** Imports a plan that was written elsewhere; it becomes the run's plan. */
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
  lock: (args) => ({ runId: args.runId, operation: 'plan import' }),
  run: async (operation, args) =>
    importPlan(operation, { runId: args.runId, markdown: await savedAnswer(operation.project.top, args.file) }),
  done: (context, args, result) => announcePlan(context, args.runId, result),
});

/** Says how many steps a plan has, and offers the next commands. */
export function announcePlan(
  { repository, services }: Context,
  runId: RunId,
  plan: { readonly steps: number; readonly warnings: readonly string[] },
): void {
  const at = { folder: repository.project.top, runId };
  const warned = plan.warnings.length > 0;
  for (const warning of plan.warnings) services.log.warn(`plan: ${warning}`);
  announce(
    warned ? 'warning' : 'info',
    `The plan has ${counted(plan.steps, 'step')}` +
      (warned ? ` and ${counted(plan.warnings.length, 'warning')}: ${plan.warnings[0] ?? ''}` : '.'),
    [
      button('Review Plan', COMMANDS.planReview, at),
      button('Run Step 1', COMMANDS.runContinue, at),
      ...(warned ? [button('Show Log', COMMANDS.showLog)] : []),
    ],
  );
}

/** Reviews the plan. With `apply` a revised plan replaces the current one at once; else the person compares both. */
export const planReview = changingCommand({
  id: COMMANDS.planReview,
  args: z.object({ runId, apply: z.boolean().optional() }),
  progress: () => 'Reviewing the plan',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Review Plan');
    return run && { ...run, ...(given.apply !== undefined && { apply: given.apply }) };
  },
  lock: (args) => ({ runId: args.runId, operation: 'plan review' }),
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
      button('Apply', COMMANDS.planApply, { folder: context.repository.project.top, runId: args.runId }),
      { title: 'Open Review', run: () => openFile(context.repository.project.paths.run(args.runId).reviewOutput) },
    ]);
  },
});

/** *Apply Revised Plan*: the plan of the last review replaces the current one. */
export const planApply = changingCommand({
  id: COMMANDS.planApply,
  args: z.object({ runId }),
  progress: () => 'Applying the revised plan',
  ask: (context, given) => askRun(context, given, 'Apply Revised Plan'),
  lock: (args) => ({ runId: args.runId, operation: 'plan apply' }),
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
    services.documents.add('plan.revised.md', proposed.text),
    'Plan: current ↔ proposed',
  );
}

/** *Keep Current Plan*: the sources of the plan have changed, but the person keeps it; the run records the reason. */
export const planKeep = changingCommand({
  id: COMMANDS.planKeep,
  args: z.object({ runId, reason: z.string() }),
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Keep Current Plan');
    const reason =
      run &&
      (given.reason ??
        (await askText(
          'Keep Current Plan',
          'Why does it still fit? The run keeps the reason.',
          'A reason is needed.',
        )));
    return run && reason !== undefined ? { ...run, reason } : undefined;
  },
  lock: (args) => ({ runId: args.runId, operation: 'plan keep' }),
  run: async (operation, args) => {
    await acceptStale(operation, { runId: args.runId, artifact: 'plan', reason: args.reason });
    return {};
  },
  done: ({ repository }, args) => {
    announce('info', 'The current plan stays.', [
      button('Continue', COMMANDS.runContinue, { folder: repository.project.top, runId: args.runId }),
    ]);
  },
});
