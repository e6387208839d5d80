import * as vscode from 'vscode';
import * as z from 'zod';
import { parseRunId } from '../../core/artifacts/runIds';
import { acceptPasses, unacceptPasses } from '../../core/steps/accept';
import { amendStep, skipStep } from '../../core/steps/requests';
import { selectStep } from '../../core/steps/select';
import { listSteps } from '../../core/steps/state/read';
import { isUnproven } from '../../core/steps/state/states';
import { WeldError } from '../../core/util/errors';
import { COMMANDS } from '../../ids';
import { button } from '../../platform/invoke';
import { openFile } from '../../ui/changes';
import { leftOutWords } from '../../ui/format';
import { announce } from '../../ui/messages';
import { askText } from '../../ui/pick';
import { askRun, askStep } from '../askFor';
import { type Context, changingCommand } from '../define';
import { runId, step } from '../input';

/** *Select Step*: records the state of the work tree from which the step's changes count. */
export const stepSelect = changingCommand({
  id: COMMANDS.stepSelect,
  args: z.object({ runId, step }),
  progress: (args) => `Selecting step ${args.step}`,
  ask: (context, given) => askStep(context, given, 'Select Step'),
  lock: (args) => ({ runId: args.runId, operation: 'step select', step: args.step }),
  readsTree: true,
  run: (operation, args, { saveEditors }) =>
    selectStep(operation, { run: args.runId, step: args.step, beforeReadingTree: saveEditors }),
  done: async ({ repository }, args, result) => {
    await openFile(result.path, { preview: true });
    announce('info', `Step ${args.step} is selected; its changes are counted from now on.${leftOutWords(result)}`, [
      button('Run Step Loop', COMMANDS.stepLoop, { folder: repository.project.top, ...args }),
    ]);
  },
});

/** *Accept Pass*: the person accepts, with a reason, passes that this Weld has not seen; of one step or a whole run. */
export const stepAccept = changingCommand({
  id: COMMANDS.stepAccept,
  args: z.object({ runId, step: step.optional(), reason: z.string() }),
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Accept Pass');
    if (!run) return undefined;
    const which = given.step === undefined ? await askWhich(context, run.runId) : { step: given.step };
    if (!which) return undefined;
    const reason =
      given.reason ??
      (await askText(
        'Accept Pass',
        'Why does it count? The reason is kept with the run and appears in the commit.',
        'An acceptance needs a reason.',
      ));
    return reason === undefined ? undefined : { ...run, ...which, reason };
  },
  lock: (args) => ({ runId: args.runId, operation: 'step accept', step: args.step }),
  run: async (operation, args) => acceptPasses(operation, { run: args.runId, step: args.step, reason: args.reason }),
  done: (_context, _args, { accepted }) => {
    if (accepted.length === 0) announce('info', 'No step of this run has a pass to accept.');
    else
      announce(
        'info',
        `${accepted.length === 1 ? 'Step' : 'Steps'} ${accepted.join(', ')} ` +
          `${accepted.length === 1 ? 'counts' : 'count'} as passed.`,
      );
  },
});

/** Asks for one step or all of them. @throws WeldError `STEP_NOT_PASSED` when there is nothing to accept */
async function askWhich({ repository }: Context, run: string): Promise<{ readonly step?: number } | undefined> {
  const steps = (await listSteps(repository.project, parseRunId(run))).filter(({ state }) => isUnproven(state));
  const [first] = steps;
  if (!first) throw new WeldError('STEP_NOT_PASSED', 'No step of this run has a pass to accept.');
  if (steps.length === 1) return { step: first.n };
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { readonly n?: number }>(
    [
      { label: `All ${steps.length} Steps` },
      ...steps.map(({ n, title, why }) => ({ label: `${n} ${title}`, description: why ?? '', n })),
    ],
    { title: 'Weld: Accept Pass', placeHolder: 'Which pass?', matchOnDescription: true },
  );
  return picked && (picked.n === undefined ? {} : { step: picked.n });
}

/** *Remove Acceptance*: removes the person's acceptance of a step's pass; without a step, of every pass of the run. */
export const stepUnaccept = changingCommand({
  id: COMMANDS.stepUnaccept,
  args: z.object({ runId, step: step.optional() }),
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Remove Acceptance');
    return run && { ...run, ...(given.step !== undefined && { step: given.step }) };
  },
  lock: (args) => ({ runId: args.runId, operation: 'step unaccept', step: args.step }),
  run: async (operation, args) => {
    await unacceptPasses(operation, { run: args.runId, step: args.step });
    return {};
  },
  done: (_context, args) => {
    announce(
      'info',
      args.step === undefined
        ? 'No pass of this run is accepted any longer.'
        : `The pass of step ${args.step} is no longer accepted.`,
    );
  },
});

/** *Skip Step*: the run continues without the step; the reason is optional. */
export const stepSkip = changingCommand({
  id: COMMANDS.stepSkip,
  args: z.object({ runId, step, reason: z.string().optional() }),
  ask: async (context, given) => {
    const at = await askStep(context, given, 'Skip Step');
    if (!at) return undefined;
    const reason =
      given.reason ??
      (await vscode.window.showInputBox({
        title: `Weld: Skip Step ${at.step}`,
        prompt: 'Why is it skipped? The run keeps the reason.',
        ignoreFocusOut: true,
      }));
    return reason === undefined ? undefined : { ...at, reason };
  },
  lock: (args) => ({ runId: args.runId, operation: 'step skip', step: args.step }),
  run: async (operation, args) => {
    await skipStep(operation, { run: args.runId, step: args.step, reason: args.reason });
    return {};
  },
  done: (_context, args) => {
    announce('info', `Step ${args.step} is skipped.`);
  },
});

/** *Update Step from Plan*: copies the step's text and criteria from the plan again, after an edit of the plan. */
export const stepAmend = changingCommand({
  id: COMMANDS.stepAmend,
  args: z.object({ runId, step }),
  ask: (context, given) => askStep(context, given, 'Update Step from Plan'),
  lock: (args) => ({ runId: args.runId, operation: 'step amend', step: args.step }),
  run: async (operation, args) => {
    await amendStep(operation, { run: args.runId, step: args.step });
    return {};
  },
  done: (_context, args) => {
    announce('info', `Step ${args.step} now has the text of the plan.`);
  },
});
