import * as z from 'zod';
import { WeldError } from '../../core/errors';
import { requestStop } from '../../core/lock';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { readingCommand } from '../define';

/** Asks whoever holds the lock to end its work in order; the way out when the holder's window has lost its connection. */
export const lockAskToStop = readingCommand({
  id: COMMANDS.lockAskToStop,
  args: z.object({}),
  run: async (project, _args, { repository }) => {
    const view = await repository.locks.look();
    if (view.kind === 'held' && view.where === 'here') {
      repository.locks.stop();
      return {};
    }
    const holder = 'holder' in view ? view.holder : undefined;
    if (!holder || view.kind !== 'held') throw new WeldError('LOCK_TOKEN_CHANGED', 'No other process holds the run lock at the moment; there is nobody to ask.');
    if (holder.token === undefined) throw new WeldError('LOCK_HELD', `The holder (pid ${holder.pid}) is the command-line Weld, which cannot be asked; end it where it runs.`);
    requestStop(project.paths.root, holder.token);
    return {};
  },
  done: () => { announce('info', 'The holder was asked to stop; it releases the lock when its present phase has ended in order.'); },
});
