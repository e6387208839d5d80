import * as z from 'zod';
import { researchGenerate as generate } from '../../core/runs/research';
import { COMMANDS } from '../../ids';
import { openFile } from '../../ui/open';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';

export const researchGenerate = changingCommand({
  id: COMMANDS.researchGenerate,
  args: z.object({ runId }),
  progress: () => 'Researching',
  ask: (context, given) => askRun(context, given, 'Generate Research'),
  lock: (args) => ({ runId: args.runId, command: 'research generate' }),
  readsTree: true,
  run: (operation, args) => generate(operation, args),
  done: (_context, _args, { path }) => openFile(path),
});
