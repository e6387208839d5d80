import * as z from 'zod';
import { COMMANDS } from '../ids';
import { windowCommand } from './define';

/** Reads the disk again, also for a repository that was not there before. */
export const refresh = windowCommand({
  id: COMMANDS.refresh,
  args: z.object({ folder: z.string().optional() }),
  run: async (services) => {
    services.repositories.retry();
    services.refresh();
    for (const repository of services.repositories.known) await repository.locks.look();
    return {};
  },
});
