import * as fs from 'node:fs/promises';
import * as z from 'zod';
import { WeldError } from '../../core/errors';
import { baseRef, iterationRef } from '../../core/git/types';
import { resolveStep } from '../../core/steps/resolve';
import { COMMANDS } from '../../ids';
import { showChanges } from '../../ui/changes';
import { openFile } from '../../ui/open';
import { askIteration } from '../ask';
import { readingCommand } from '../define';
import { iteration, runId, step } from '../input';

/**
 * Shows what an iteration changed since the step began, or against another iteration, in the multi-file diff editor.
 * Once git no
 * longer keeps the trees (after a commit, after abandon, in a run of the command-line Weld), its diff.patch is shown
 * instead.
 */
export const stepShowChanges = readingCommand({
  id: COMMANDS.stepShowChanges,
  args: z.object({
    runId,
    step,
    iteration,
    /** Compare with this iteration instead of the step's beginning. */ against: iteration.optional(),
  }),
  ask: (context, given) => askIteration(context, given, 'Show Changes'),
  run: async (project, args) => {
    const handle = await resolveStep(project, args.runId, args.step);
    const [from, to] = await Promise.all([
      project.git.readRef(
        args.against === undefined
          ? baseRef(args.runId, handle.key)
          : iterationRef(args.runId, handle.key, args.against),
      ),
      project.git.readRef(iterationRef(args.runId, handle.key, args.iteration)),
    ]);
    if (from !== null && to !== null)
      return { from, to, files: (await project.git.changedFiles(from, to)).map((file) => file.path) };
    const patch = handle.paths.iteration(args.iteration).diff;
    if (args.against === undefined && (await isThere(patch))) return { patch };
    throw new WeldError(
      'ITERATION_NOT_FOUND',
      `The changes of iteration ${args.iteration} of step ${args.step} are not kept any more; look at its other files.`,
    );
  },
  done: async ({ repository }, args, shown) => {
    if (shown.patch !== undefined) return openFile(shown.patch, { preview: true });
    const what =
      args.against === undefined ? `iteration ${args.iteration}` : `iteration ${args.against} ↔ ${args.iteration}`;
    await showChanges(repository.project, `Step ${args.step}, ${what}`, shown.from, shown.to);
  },
});

async function isThere(file: string): Promise<boolean> {
  return fs.stat(file).then(
    (stat) => stat.isFile(),
    () => false,
  );
}
