import * as vscode from 'vscode';
import * as z from 'zod';
import { parseRunId } from '../../core/artifacts/ids';
import { WeldError } from '../../core/errors';
import { acceptPasses } from '../../core/steps/accept';
import { listSteps } from '../../core/steps/state/read';
import { isUnproven } from '../../core/steps/state/types';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { askRun } from '../ask';
import { type Context, changingCommand } from '../define';
import { runId, step } from '../input';

/**
 * *Accept Pass*: what this Weld has not seen pass counts by the person's word, with the reason; one step or all of a
 * run.
 */
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
      (await vscode.window.showInputBox({
        title: 'Weld: Accept Pass',
        prompt: 'Why may it count? The reason is kept with the run and stands in the commit.',
        ignoreFocusOut: true,
        validateInput: (text) => (text.trim() === '' ? 'An acceptance needs a reason.' : undefined),
      }));
    return reason === undefined ? undefined : { ...run, ...which, reason };
  },
  lock: (args) => ({
    runId: args.runId,
    command: args.step === undefined ? 'step accept' : `step accept ${args.step}`,
  }),
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

/** @throws WeldError `STEP_NOT_PASSED` when there is nothing to accept */
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
