import * as z from 'zod';
import { WeldError } from '../../core/errors';
import { requestStop } from '../../core/lock';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { readingCommand } from '../define';

/**
 * Asks whoever holds the lock to end its work in order; the way out when the holder's window has lost its connection.
 */
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
    if (state.kind !== 'held')
      throw new WeldError(
        'LOCK_TOKEN_CHANGED',
        'No other process holds the run lock at the moment; there is nobody to ask.',
      );
    const { holder } = state;
    if (holder.token === undefined)
      throw new WeldError(
        'LOCK_HELD',
        `The holder (pid ${holder.pid}) is the command-line Weld, which cannot be asked; end it where it runs.`,
      );
    requestStop(project.paths.root, holder.token);
    return {};
  },
  done: () => {
    announce('info', 'The holder was asked to stop; it releases the lock when its present phase has ended in order.');
  },
});
