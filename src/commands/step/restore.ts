import * as vscode from 'vscode';
import * as z from 'zod';
import { parseRunId } from '../../core/artifacts/runIds';
import type { ChangedFile } from '../../core/git/git';
import { showName } from '../../core/git/names';
import { resolveStep } from '../../core/steps/resolveStep';
import { keptStates, restoreStep } from '../../core/steps/restoreStep';
import { readStepState } from '../../core/steps/state/read';
import { COMMANDS } from '../../ids';
import { button } from '../../platform/invoke';
import { counted } from '../../ui/format';
import { announce } from '../../ui/messages';
import { askStep } from '../askFor';
import { type Context, changingCommand } from '../define';
import { iteration, runId, step } from '../input';

const target = z.union([z.literal('base'), z.object({ kept: z.int().positive() })]);

/** Restores the work tree to its state at an iteration; the current state is saved first. */
export const stepRestore = changingCommand({
  id: COMMANDS.stepRestore,
  args: z.object({
    runId,
    step,
    iteration: iteration.optional(),
    /** The step's beginning, or the state that an earlier restore saved. */ to: target.optional(),
  }),
  progress: (args) => `Restoring step ${args.step}`,
  ask: async (context, given) => {
    if (given.to !== undefined && given.runId !== undefined && given.step !== undefined)
      return { ...given, runId: given.runId, step: given.step };
    const at = await askStep(context, given, 'Restore to Iteration');
    if (!at) return undefined;
    const state =
      given.iteration === undefined ? await askState(context, at.runId, at.step) : { iteration: given.iteration };
    return state && { runId: at.runId, step: at.step, ...state };
  },
  lock: (args) => ({ runId: args.runId, operation: 'step restore', step: args.step }),
  readsTree: true,
  run: (operation, args, { silent, saveEditors }) =>
    restoreStep(operation, {
      run: args.runId,
      step: args.step,
      to: args.iteration === undefined ? (args.to ?? 'base') : { iteration: args.iteration },
      beforeReadingTree: saveEditors,
      ...(!silent && { confirm }),
    }),
  done: ({ repository }, args, { restored, changed, kept }) => {
    if (!restored) {
      if (changed.length === 0) announce('info', 'The work tree is already in that state.');
      return;
    }
    announce(
      'info',
      `${counted(changed.length, 'file')} restored.`,
      kept === null
        ? []
        : [
            button('Undo', COMMANDS.stepRestore, {
              folder: repository.project.top,
              runId: args.runId,
              step: args.step,
              to: { kept },
            }),
          ],
    );
  },
});

type State = { readonly iteration: number } | { readonly to: z.output<typeof target> };

/**
 * Asks for the state to restore: an iteration, the step's beginning, or the state before an earlier restore, which
 * undoes that restore.
 */
async function askState({ repository: { project } }: Context, run: string, step: number): Promise<State | undefined> {
  const id = parseRunId(run);
  const [state, kept] = await Promise.all([
    readStepState(project, id, step),
    resolveStep(project, id, step).then((handle) => keptStates(project, handle)),
  ]);
  const items: (vscode.QuickPickItem & { readonly state: State })[] = [
    ...[...state.iterations].reverse().map(({ n, state: kind, why }) => ({
      label: `Iteration ${n}`,
      description: why ?? kind,
      state: { iteration: n },
    })),
    { label: 'The beginning of the step', state: { to: 'base' } },
    ...kept.map((n) => ({
      label: `The state before restore ${n}`,
      description: 'kept so that it can be undone',
      state: { to: { kept: n } },
    })),
  ];
  return (
    await vscode.window.showQuickPick(items, {
      title: 'Weld: Restore to Iteration',
      placeHolder: `To which state of step ${step}?`,
    })
  )?.state;
}

const EFFECTS: Record<ChangedFile['status'], string> = {
  added: 'will be restored',
  modified: 'will be modified',
  deleted: 'will be deleted',
  'type-changed': 'will be modified',
};

async function confirm(changed: readonly ChangedFile[]): Promise<boolean> {
  const shown = changed.slice(0, 20).map((file) => `${EFFECTS[file.status]}: ${showName(file.path)}`);
  const more = changed.length > shown.length ? [`and ${changed.length - shown.length} more`] : [];
  const answer = await vscode.window.showWarningMessage(
    `Restore ${counted(changed.length, 'file')}?`,
    {
      modal: true,
      detail: [
        ...shown,
        ...more,
        '',
        'The current state is saved first, so this can be undone. Ignored files stay as they are.',
      ].join('\n'),
    },
    'Restore',
  );
  return answer === 'Restore';
}
