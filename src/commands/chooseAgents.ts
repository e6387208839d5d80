import * as z from 'zod';
import { COMMANDS } from '../ids';
import { startingCommand } from './define';

export const chooseAgents = startingCommand({
  id: COMMANDS.chooseAgents,
  args: z.object({}),
  run: async () => Promise.resolve({}),
});
