import * as vscode from 'vscode';
import * as z from 'zod';
import { baseRef, iterationRef } from '../../core/git/git';
import { resolveStep } from '../../core/steps/resolveStep';
import { readStepState } from '../../core/steps/state/read';
import { WeldError } from '../../core/util/errors';
import { isFile, leadsToAnything } from '../../core/util/files';
import { COMMANDS } from '../../ids';
import { invoke } from '../../platform/invoke';
import { openFile, showChanges } from '../../ui/changes';
import { askIteration } from '../askFor';
import { readingCommand } from '../define';
import { iteration, runId, step } from '../input';

/**
 * Shows in the multi-file diff editor what an iteration changed since the step began, or since another iteration.
 * When git no longer has the trees (after a commit, after abandon, in a run of the command-line Weld), it shows the
 * iteration's diff.patch instead.
 */
export const stepShowChanges = readingCommand({
  id: COMMANDS.stepShowChanges,
  args: z.object({
    runId,
    step,
    iteration,
    /** The iteration to compare with; default: the step's beginning. */ against: iteration.optional(),
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
    if (args.against === undefined && (await isFile(patch))) return { patch };
    throw new WeldError(
      'ITERATION_NOT_FOUND',
      `The changes of iteration ${args.iteration} of step ${args.step} are no longer kept; open its other files.`,
    );
  },
  done: async ({ repository }, args, shown) => {
    if (shown.patch !== undefined) return openFile(shown.patch, { preview: true });
    const what =
      args.against === undefined ? `iteration ${args.iteration}` : `iteration ${args.against} ↔ ${args.iteration}`;
    await showChanges(repository.project, `Step ${args.step}, ${what}`, shown.from, shown.to);
  },
});

/** Asks for another iteration of the step, and shows the changes between the two. */
export const stepCompare = readingCommand({
  id: COMMANDS.stepCompare,
  args: z.object({ runId, step, iteration }),
  ask: (context, given) => askIteration(context, given, 'Compare with Iteration'),
  run: async (project, args) => {
    const others = [...(await readStepState(project, args.runId, args.step)).iterations]
      .reverse()
      .filter(({ n, tree }) => n !== args.iteration && tree !== null);
    if (others.length === 0)
      throw new WeldError(
        'ITERATION_NOT_FOUND',
        `Step ${args.step} has no other iteration to compare with; run its loop once more first.`,
      );
    return { others: others.map(({ n, state, why }) => ({ n, state: why ?? state })) };
  },
  done: async ({ repository }, args, { others }) => {
    const items = others.map(({ n, state }) => ({ label: `Iteration ${n}`, description: state, n }));
    const picked = await vscode.window.showQuickPick(items, {
      title: 'Weld: Compare with Iteration',
      placeHolder: `With which iteration is iteration ${args.iteration} compared?`,
    });
    if (picked) await invoke(COMMANDS.stepShowChanges, { folder: repository.project.top, ...args, against: picked.n });
  },
});

export const stepOpenReview = readingCommand({
  id: COMMANDS.stepOpenReview,
  args: z.object({ runId, step, iteration }),
  ask: (context, given) => askIteration(context, given, 'Open Review'),
  run: async (project, args) => {
    const path = (await resolveStep(project, args.runId, args.step)).paths.iteration(args.iteration).review;
    if (!(await leadsToAnything(path)))
      throw new WeldError(
        'ITERATION_NOT_FOUND',
        `Iteration ${args.iteration} of step ${args.step} has no review yet; run the loop or review it.`,
      );
    return { path };
  },
  done: (_context, _args, { path }) => openFile(path, { preview: true }),
});
