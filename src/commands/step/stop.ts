import * as vscode from 'vscode';
import * as z from 'zod';
import { COMMANDS } from '../../ids';
import type { Repositories, Repository } from '../../platform/repositories';
import { announce } from '../../ui/messages';
import { windowCommand } from '../define';
import { runId } from '../input';

/**
 * Asks this window's work to end in order; its own progress tells when it has. A silent call means the run that it
 * names; a
 * person means what is at work, whichever row or editor happens to be in front.
 */
export const stepStop = windowCommand({
  id: COMMANDS.stepStop,
  args: z.object({ folder: z.string().optional(), runId: runId.optional() }),
  run: async ({ repositories }, args, silent) => {
    if (silent) {
      const { locks } = await repositories.resolve(args.folder);
      if (args.runId === undefined || locks.work?.runId === args.runId) locks.stop();
      return {};
    }
    const working = await atWork(repositories, args.folder);
    if (working === 'none') announce('info', 'This window runs no step loop at the moment.');
    else working?.locks.stop();
    return {};
  },
});

/** @returns undefined when the person picked none of several */
async function atWork({ known }: Repositories, folder: string | undefined): Promise<Repository | 'none' | undefined> {
  const working = known.filter(({ locks }) => locks.work);
  const named = working.find(({ project }) => project.top === folder);
  if (named) return named;
  if (working.length < 2) return working[0] ?? 'none';
  const items = working.map((repository) => ({
    label: `$(repo) ${repository.name}`,
    description: repository.locks.work?.command ?? '',
    repository,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Weld: Stop', placeHolder: 'Which work?' }))?.repository;
}
