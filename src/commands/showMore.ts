import * as z from 'zod';
import { COMMANDS } from '../ids';
import { windowCommand } from './define';

export const showMoreRuns = windowCommand({
  id: COMMANDS.showMoreRuns,
  args: z.object({ folder: z.string() }),
  run: async (services, { folder }) => {
    services.showMoreRuns(folder);
    return Promise.resolve({});
  },
});
