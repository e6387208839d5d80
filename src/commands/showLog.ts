import * as z from 'zod';
import { COMMANDS } from '../ids';
import { windowCommand } from './define';

export const showLog = windowCommand({
  id: COMMANDS.showLog,
  args: z.object({}),
  run: async (services) => {
    services.log.show();
    return Promise.resolve({});
  },
});
