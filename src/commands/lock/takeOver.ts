import * as vscode from 'vscode';
import * as z from 'zod';
import { WeldError } from '../../core/errors';
import { describeHolder } from '../../core/lock';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { readingCommand } from '../define';

/**
 * Takes the lock from a holder that does not answer; what it had in hand may be lost, so the person decides on what
 * they were shown.
 */
export const lockTakeOver = readingCommand({
  id: COMMANDS.lockTakeOver,
  args: z.object({ token: z.string().min(1) }),
  ask: async ({ repository }, given) => {
    await repository.locks.look();
    const state = repository.locks.onDisk;
    const holder = 'holder' in state ? state.holder : undefined;
    if (!holder)
      throw new WeldError('LOCK_TOKEN_CHANGED', 'Nobody holds the run lock any more; start your command again.');
    if (holder.token === undefined)
      throw new WeldError(
        'LOCK_HELD',
        'The holder is the command-line Weld, whose lock has no token; end that process instead.',
      );
    if (given.token !== undefined && given.token !== holder.token)
      throw new WeldError(
        'LOCK_TOKEN_CHANGED',
        'Another process holds the lock by now; look again before you take it over.',
        { action: { title: 'Show Lock', command: COMMANDS.lockShow } },
      );
    const confirmed = await vscode.window.showWarningMessage(
      'Take over the run lock?',
      {
        modal: true,
        detail:
          `The holder: ${describeHolder(holder, Date.now())}.\n\n` +
          'Its work stops at its next write: the phase that it is in is lost, earlier phases and iterations are ' +
          'kept. Its agent may still change files in the ' +
          'work tree until ' +
          'it notices. ' +
          'A window whose connection was lost lives on for hours; if it still answers, ask it to stop instead.\n\n' +
          `Token: ${holder.token}`,
      },
      'Ask to Stop',
      'Take Over',
    );
    if (confirmed === 'Ask to Stop')
      await vscode.commands.executeCommand(COMMANDS.lockAskToStop, { folder: repository.project.top });
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
