import * as z from 'zod';
import { researchReview as review } from '../../core/runs/research';
import { COMMANDS } from '../../ids';
import { openFile } from '../../ui/open';
import { askRun } from '../ask';
import { changingCommand } from '../define';
import { runId } from '../input';

export const researchReview = changingCommand({
  id: COMMANDS.researchReview,
  args: z.object({ runId }),
  progress: () => 'Reviewing the research',
  ask: (context, given) => askRun(context, given, 'Review Research'),
  lock: (args) => ({ runId: args.runId, command: 'research review' }),
  readsTree: true,
  run: (operation, args) => review(operation, args),
  done: (_context, _args, { path }) => openFile(path),
});
