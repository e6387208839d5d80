import * as path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { startRun } from '../../core/runs/start';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { pickSpec } from '../../ui/pickSpec';
import { startingCommand } from '../define';

const args = z.object({
  /** Absolute, or relative to the repository's top. */
  spec: z.string().min(1),
  name: z.string().optional(),
  skipResearch: z.boolean().optional(),
});

/** Needs no lock: the run is built aside and renamed into place. */
export const runStart = startingCommand({
  id: COMMANDS.runStart,
  args,
  progress: () => 'Starting a run',
  ask: async ({ repository }, given) => {
    const spec = given.spec ?? (await pickSpec(repository.project.top));
    if (spec === undefined) return undefined;
    const name =
      given.name ??
      (await vscode.window.showInputBox({
        title: 'Weld: Start Run',
        prompt: 'A name for the run; its folder is named after it.',
        value: path.basename(spec, path.extname(spec)),
        ignoreFocusOut: true,
        validateInput: (text) => (text.trim() === '' ? 'A run needs a name.' : undefined),
      }));
    return name === undefined ? undefined : { ...given, spec, name };
  },
  run: async (project, { spec, name, skipResearch }) => {
    const { runId } = await startRun(project, {
      spec,
      ...(name !== undefined && { name }),
      ...(skipResearch !== undefined && { skipResearch }),
    });
    return { runId: runId };
  },
  done: ({ services, repository }, _args, { runId }) => {
    services.memory.remember(repository.project.top, runId);
    announce('info', `Started run ${runId}.`, [
      {
        title: 'Generate Plan',
        run: () => vscode.commands.executeCommand(COMMANDS.planGenerate, { folder: repository.project.top, runId }),
      },
      {
        title: 'Import Plan…',
        run: () => vscode.commands.executeCommand(COMMANDS.planImport, { folder: repository.project.top, runId }),
      },
    ]);
  },
});
