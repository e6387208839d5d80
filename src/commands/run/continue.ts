import * as vscode from 'vscode';
import * as z from 'zod';
import { type Next, nextStep } from '../../core/runs/nextStep';
import { COMMANDS, type CommandId } from '../../ids';
import { announce } from '../../ui/messages';
import { askRun } from '../ask';
import { readingCommand } from '../define';
import { runId } from '../input';

/**
 * Starts what comes next in a run; it takes no lock itself, the operation that it calls does. Silent: only says what
 * comes next.
 */
export const runContinue = readingCommand({
  id: COMMANDS.runContinue,
  args: z.object({ runId }),
  ask: (context, given) => askRun(context, given, 'Continue'),
  run: async (project, args) => ({ next: await nextStep(project, args.runId) }),
  done: async ({ repository }, args, { next }) => {
    const call = (id: CommandId, more: object = {}): Thenable<unknown> =>
      vscode.commands.executeCommand(id, { folder: repository.project.top, runId: args.runId, ...more });
    const ways = waysOn(next);
    const [only] = ways;
    if (!only) announce(next.kind === 'damaged' ? 'error' : 'info', next.message);
    else if (ways.length === 1) await call(only.command, only.args);
    else {
      const picked = await vscode.window.showQuickPick(ways, { title: 'Weld: Continue', placeHolder: next.message });
      if (picked) await call(picked.command, picked.args);
    }
  },
});

interface Way extends vscode.QuickPickItem {
  readonly command: CommandId;
  readonly args?: object;
}

/** What can be done next; one way is gone at once, among several the person chooses. */
function waysOn(next: Next): readonly Way[] {
  switch (next.kind) {
    case 'research':
      return [
        {
          label: '$(search) Generate Research',
          detail: 'The configured agent looks at the code first.',
          command: COMMANDS.researchGenerate,
        },
        {
          label: '$(cloud-download) Import Research…',
          detail: 'Research that was written elsewhere.',
          command: COMMANDS.researchImport,
        },
        { label: '$(sparkle) Continue with the Plan', detail: 'Without research.', command: COMMANDS.planGenerate },
      ];
    case 'plan':
      return [
        {
          label: '$(sparkle) Generate Plan',
          detail: 'The configured agent writes it.',
          command: COMMANDS.planGenerate,
        },
        {
          label: '$(cloud-download) Import Plan…',
          detail: 'A plan that was written elsewhere.',
          command: COMMANDS.planImport,
        },
        ...(next.stale
          ? [{ label: '$(check) Keep Current Plan', detail: 'The run keeps the reason.', command: COMMANDS.planKeep }]
          : []),
      ];
    case 'plan-review':
      return [
        {
          label: '$(checklist) Review Plan',
          detail: 'The configured reviewer judges it and may revise it.',
          command: COMMANDS.planReview,
        },
        { label: '$(play) Continue with the Steps', detail: 'Without a review.', command: COMMANDS.stepLoop },
      ];
    case 'plan-apply':
      return [
        {
          label: '$(check) Apply Revised Plan',
          detail: 'The plan of the review is the one to work by.',
          command: COMMANDS.planApply,
        },
        { label: '$(play) Keep the Plan as It Is', detail: 'Goes on with the steps.', command: COMMANDS.stepLoop },
      ];
    case 'step-select':
      return [{ label: '', command: COMMANDS.stepLoop, args: { step: next.step } }];
    case 'step-loop':
      return [{ label: '', command: COMMANDS.stepLoop, args: { step: next.step, resume: next.resume } }];
    case 'step-accept':
      return [
        {
          label: '$(verified) Accept Pass…',
          detail: 'It counts as it is; the run keeps the reason.',
          command: COMMANDS.stepAccept,
          args: { step: next.step },
        },
        {
          label: '$(play) Work on It Again',
          detail: 'Another iteration, judged here.',
          command: COMMANDS.stepLoop,
          args: { step: next.step },
        },
      ];
    case 'commit':
      return [{ label: '', command: COMMANDS.commit }];
    case 'damaged':
    case 'done':
      return [];
  }
}
