import * as z from 'zod';
import { COMMANDS } from '../ids';
import { windowCommand } from './define';

export const answer = windowCommand({
  id: COMMANDS.answer,
  args: z.object({}),
  run: async (services, _args, silent) => {
    if (!silent) await services.person.ask();
    return {};
  },
});
