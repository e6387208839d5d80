import * as z from 'zod';
import { WeldError } from '../../core/errors';
import { baseRef, iterationRef } from '../../core/git/types';
import { resolveStep } from '../../core/steps/resolve';
import { COMMANDS } from '../../ids';
import { showChanges } from '../../ui/changes';
import { askIteration } from '../ask';
import { readingCommand } from '../define';
import { iteration, runId, step } from '../input';

/** Shows what an iteration changed since the step began, or against another iteration, in the multi-file diff editor. */
export const stepShowChanges = readingCommand({
  id: COMMANDS.stepShowChanges,
  args: z.object({ runId, step, iteration, /** Compare with this iteration instead of the step's beginning. */ against: iteration.optional() }),
  ask: (context, given) => askIteration(context, given, 'Show Changes'),
  run: async (project, args) => {
    const handle = await resolveStep(project, args.runId, args.step);
    const tree = async (name: string, what: string): Promise<string> => {
      const oid = await project.git.readRef(name);
      if (oid !== null) return oid;
      throw new WeldError('ITERATION_NOT_FOUND', `The tree of ${what} of step ${args.step} is not kept any more; its diff.patch still shows what changed.`);
    };
    const [from, to] = await Promise.all([
      args.against === undefined ? tree(baseRef(args.runId, handle.key), 'the beginning') : tree(iterationRef(args.runId, handle.key, args.against), `iteration ${args.against}`),
      tree(iterationRef(args.runId, handle.key, args.iteration), `iteration ${args.iteration}`),
    ]);
    return { from, to, files: (await project.git.changedFiles(from, to)).map((file) => file.path) };
  },
  done: async ({ repository }, args, { from, to }) => {
    const what = args.against === undefined ? `iteration ${args.iteration}` : `iteration ${args.against} ↔ ${args.iteration}`;
    await showChanges(repository.project, `Step ${args.step}, ${what}`, from, to);
  },
});
