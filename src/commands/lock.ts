import * as vscode from 'vscode';
import * as z from 'zod';
import { describeHolder, requestStop } from '../core/lock';
import { WeldError } from '../core/util/errors';
import { COMMANDS } from '../ids';
import { invoke } from '../platform/invoke';
import type { LockService, LockView } from '../platform/lockService';
import { type LockAction, lockActions, lockDetails, lockWords } from '../ui/lockWords';
import { announce } from '../ui/messages';
import { type Context, readingCommand } from './define';

/** Shows who holds the lock: as data for the caller, and for a person as a list with the possible actions. */
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
  const at = { folder: project.top };
  const token = 'holder' in locks.onDisk ? locks.onDisk.holder.token : undefined;
  switch (action) {
    case 'activity':
      return {
        label: '$(pulse) Show Activity',
        detail: 'What agents and programs say and do.',
        run: () => invoke(COMMANDS.showActivity),
      };
    case 'stop':
      return { label: '$(debug-stop) Stop', detail: 'Stops cleanly; finished work is kept.', run: () => locks.stop() };
    case 'wait':
      return {
        label: '$(watch) Wait',
        detail: locks.refused
          ? 'Starts the refused command when the lock is free.'
          : 'Tells you when the lock is free.',
        run: () => invoke(COMMANDS.lockWait, at),
      };
    case 'ask':
      return {
        label: '$(debug-stop) Ask the Holder to Stop',
        detail: 'The window that holds the lock stops cleanly and releases it.',
        run: () => invoke(COMMANDS.lockAskToStop, at),
      };
    case 'takeOver':
      return {
        label: '$(unlock) Take Over…',
        detail: 'For a holder that no longer responds.',
        run: () => invoke(COMMANDS.lockTakeOver, { ...at, token }),
      };
    case 'understood':
      return {
        label: '$(check) Understood',
        detail: 'Dismiss the message about the lost lock and show its current holder.',
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

/** Waits until the lock is free, then starts the command that was refused before, if there was one. */
export const lockWait = readingCommand({
  id: COMMANDS.lockWait,
  args: z.object({}),
  progress: () => 'Waiting for the run lock',
  run: async (_project, _args, { repository, signal, report }) => {
    await untilFree(repository.locks, signal, report);
    return {};
  },
  done: ({ repository }) => {
    const { refused } = repository.locks;
    repository.locks.refused = undefined;
    if (refused) refused();
    else announce('info', 'The run lock is free now.');
  },
});

/** Resolves when the lock is free or stale. @throws WeldError `CANCELLED` */
async function untilFree(
  locks: LockService,
  signal: AbortSignal,
  report: (progress: { message: string }) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (then: () => void): void => {
      listener.dispose();
      signal.removeEventListener('abort', giveUp);
      then();
    };
    const look = (): void => {
      const state = locks.onDisk;
      if (state.kind === 'free' || state.kind === 'stale') settle(resolve);
      else if (state.kind === 'held') report({ message: `pid ${state.holder.pid}: ${state.holder.command}` });
    };
    const giveUp = (): void => {
      settle(() => {
        reject(new WeldError('CANCELLED', 'Cancelled.'));
      });
    };
    const listener = locks.onDidChange(look);
    signal.addEventListener('abort', giveUp, { once: true });
    void locks.look().then(look);
  });
}

/** Asks the lock's holder to stop cleanly, which also works when the holder's window has lost its connection. */
export const lockAskToStop = readingCommand({
  id: COMMANDS.lockAskToStop,
  args: z.object({}),
  run: async (project, _args, { repository }) => {
    await repository.locks.look();
    const state = repository.locks.onDisk;
    if (state.kind === 'held' && state.where === 'here') {
      repository.locks.stop();
      return {};
    }
    if (state.kind !== 'held') throw new WeldError('LOCK_TOKEN_CHANGED', 'No other process holds the run lock.');
    const { holder } = state;
    if (holder.token === undefined)
      throw new WeldError(
        'LOCK_HELD',
        `The holder (pid ${holder.pid}) is the command-line Weld, which cannot be asked; stop it where it runs.`,
      );
    requestStop(project.paths.root, holder.token);
    return {};
  },
  done: () => {
    announce('info', 'The holder was asked to stop; it releases the lock after its current phase.');
  },
});

/**
 * Takes the lock from a holder that does not respond. The holder's unfinished phase may be lost, so the person confirms
 * for exactly the holder that they were shown.
 */
export const lockTakeOver = readingCommand({
  id: COMMANDS.lockTakeOver,
  args: z.object({ token: z.string().min(1) }),
  ask: async ({ repository }, given) => {
    await repository.locks.look();
    const state = repository.locks.onDisk;
    const holder = 'holder' in state ? state.holder : undefined;
    if (!holder) throw new WeldError('LOCK_TOKEN_CHANGED', 'The run lock is free now; run your command again.');
    if (holder.token === undefined)
      throw new WeldError(
        'LOCK_HELD',
        'The holder is the command-line Weld, whose lock has no token; stop that process instead.',
      );
    if (given.token !== undefined && given.token !== holder.token)
      throw new WeldError(
        'LOCK_TOKEN_CHANGED',
        'Another process now holds the lock; check it again before you take it over.',
      );
    const confirmed = await vscode.window.showWarningMessage(
      'Take over the run lock?',
      {
        modal: true,
        detail:
          `The holder: ${describeHolder(holder, Date.now())}.\n\n` +
          'Its work stops at its next write: the current phase is lost, earlier phases and iterations are ' +
          'kept. Its agent may still change files in the ' +
          'work tree until ' +
          'it notices. ' +
          'A window that lost its connection keeps running for hours; if it responds, ask it to stop instead.\n\n' +
          `Token: ${holder.token}`,
      },
      'Ask to Stop',
      'Take Over',
    );
    if (confirmed === 'Ask to Stop') await invoke(COMMANDS.lockAskToStop, { folder: repository.project.top });
    return confirmed === 'Take Over' ? { token: holder.token } : undefined;
  },
  run: async (_project, { token }, { repository }) => {
    await repository.locks.takeOver(token);
    return {};
  },
  done: ({ repository }) => {
    const { refused } = repository.locks;
    repository.locks.refused = undefined;
    announce(
      'info',
      'The run lock was taken over and is free now.',
      refused ? [{ title: 'Retry Command', run: refused }] : [],
    );
  },
});
