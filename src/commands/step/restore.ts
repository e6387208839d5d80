import * as vscode from 'vscode';
import * as z from 'zod';
import type { ChangedFile } from '../../core/git/types';
import { restoreStep } from '../../core/steps/restore';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { counted } from '../../ui/words';
import { askIteration } from '../ask';
import { changingCommand } from '../define';
import { iteration, runId, step } from '../input';

const target = z.union([z.literal('base'), z.object({ kept: z.int().positive() })]);

/** Makes the work tree what it was at an iteration; the present state is kept first. */
export const stepRestore = changingCommand({
  id: COMMANDS.stepRestore,
  args: z.object({ runId, step, iteration: iteration.optional(), /** The step's beginning, or the state that a restore kept. */ to: target.optional() }),
  progress: (args) => `Restoring step ${args.step}`,
  ask: async (context, given) => {
    if (given.to !== undefined && given.runId !== undefined && given.step !== undefined) return { ...given, runId: given.runId, step: given.step };
    const at = await askIteration(context, given, 'Restore to Iteration', true);
    return at && { runId: at.runId, step: at.step, ...(at.iteration === 0 ? { to: 'base' as const } : { iteration: at.iteration }) };
  },
  lock: (args) => ({ runId: args.runId, command: `step restore ${args.step}` }),
  readsTree: true,
  run: (operation, args, { silent, saveEditors }) =>
    restoreStep(operation, {
      run: args.runId, step: args.step, to: args.iteration === undefined ? (args.to ?? 'base') : { iteration: args.iteration },
      beforeReadingTree: saveEditors, ...(!silent && { confirm }),
    }),
  done: ({ repository }, args, { restored, changed, kept }) => {
    if (!restored) {
      if (changed.length === 0) announce('info', 'The work tree is in that state already.');
      return;
    }
    announce('info', `${counted(changed.length, 'file')} restored.`, kept === null ? [] : [
      { title: 'Undo', run: () => vscode.commands.executeCommand(COMMANDS.stepRestore, { folder: repository.project.top, runId: args.runId, step: args.step, to: { kept } }) },
    ]);
  },
});

const MARKS: Record<ChangedFile['status'], string> = { added: 'comes back', modified: 'changes', deleted: 'goes', 'type-changed': 'changes' };

async function confirm(changed: readonly ChangedFile[]): Promise<boolean> {
  const shown = changed.slice(0, 20).map((file) => `${file.path}: ${MARKS[file.status]}`);
  const more = changed.length > shown.length ? [`and ${changed.length - shown.length} more`] : [];
  const answer = await vscode.window.showWarningMessage(`Restore ${counted(changed.length, 'file')}?`, {
    modal: true, detail: [...shown, ...more, '', 'The present state is kept first, so this can be undone. Files that git ignores are left alone.'].join('\n'),
  }, 'Restore');
  return answer === 'Restore';
}
