import * as vscode from 'vscode';
import * as z from 'zod';
import { COMMANDS } from '../../ids';
import type { LockView } from '../../platform/lockService';
import { type LockAction, lockActions } from '../../ui/lockActions';
import { lockDetails, lockWords } from '../../ui/lockWords';
import { type Context, readingCommand } from '../define';

/** Who holds the lock, as data for the caller and as a list with what can be done about it for the person. */
export const lockShow = readingCommand({
  id: COMMANDS.lockShow,
  args: z.object({}),
  run: async (_project, _args, { repository }): Promise<LockView> => repository.locks.look(),
  done: (context, _args, view) => showLock(context, view),
});

interface Row extends vscode.QuickPickItem {
  readonly run?: () => unknown;
}

async function showLock(context: Context, view: LockView): Promise<void> {
  const { locks } = context.repository;
  const now = Date.now();
  const actions = lockActions(view, locks.onDisk, locks.work !== undefined).map((action) => row(context, action));
  const details = lockDetails(view, now).map(({ label, value }): Row => ({ label, description: value }));
  const rows: Row[] = [
    ...actions,
    ...(details.length > 0 ? [{ label: 'Holder', kind: vscode.QuickPickItemKind.Separator }, ...details] : []),
  ];
  const picked = await vscode.window.showQuickPick(rows, {
    title: 'Weld: Run Lock',
    placeHolder: lockWords(view, locks.work, now).sentence,
  });
  await picked?.run?.();
}

function row({ repository, services }: Context, action: LockAction): Row {
  const { locks, project } = repository;
  const call =
    (id: string, more: object = {}) =>
    (): unknown =>
      vscode.commands.executeCommand(id, { folder: project.top, ...more });
  const token = 'holder' in locks.onDisk ? locks.onDisk.holder.token : undefined;
  switch (action) {
    case 'stop':
      return { label: '$(debug-stop) Stop', detail: 'Stops cleanly; finished work is kept.', run: () => locks.stop() };
    case 'wait':
      return {
        label: '$(watch) Wait',
        detail: locks.refused
          ? 'Starts the refused command when the lock is free.'
          : 'Tells you when the lock is free.',
        run: call(COMMANDS.lockWait),
      };
    case 'ask':
      return {
        label: '$(debug-stop) Ask the Holder to Stop',
        detail: 'The window that holds the lock stops its work in order and releases it.',
        run: call(COMMANDS.lockAskToStop),
      };
    case 'takeOver':
      return {
        label: '$(unlock) Take Over…',
        detail: 'For a holder that does not answer any more.',
        run: call(COMMANDS.lockTakeOver, { token }),
      };
    case 'understood':
      return {
        label: '$(check) Understood',
        detail: 'Forget that the lock was lost; it shows again who holds it now.',
        run: () => {
          locks.acknowledge();
        },
      };
    case 'log':
      return {
        label: '$(output) Show Log',
        run: () => {
          services.log.show();
        },
      };
  }
}
