import * as z from 'zod';
import { WeldError } from '../../core/errors';
import { COMMANDS } from '../../ids';
import type { LockService } from '../../platform/lockService';
import { announce } from '../../ui/messages';
import { readingCommand } from '../define';

/** Waits until the lock can be had, then starts what was refused before, if anything was. */
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

/** @throws WeldError `CANCELLED` */
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
