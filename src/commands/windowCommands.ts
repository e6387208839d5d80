import * as vscode from 'vscode';
import * as z from 'zod';
import { COMMANDS } from '../ids';
import { button, ErrorWithChoice } from '../platform/invoke';
import { openFile } from '../ui/changes';
import { readingCommand, windowCommand } from './define';

/** Asks the person for the answer that a manual agent waits for. A silent call does nothing. */
export const answer = windowCommand({
  id: COMMANDS.answer,
  args: z.object({}),
  run: async (services, _args, silent) => {
    if (!silent) await services.person.ask();
    return {};
  },
});

/** *Open Configuration*: opens .weld/config.toml, or offers to initialize the repository. */
export const openConfig = readingCommand({
  id: COMMANDS.openConfig,
  args: z.object({}),
  run: async (project) => {
    const uri = vscode.Uri.file(project.paths.config);
    try {
      await vscode.workspace.fs.stat(uri);
    } catch (error) {
      throw new ErrorWithChoice(
        'RUN_NOT_FOUND',
        'There is no .weld/config.toml yet; initialize the repository first.',
        button('Initialize Repository', COMMANDS.init),
        error,
      );
    }
    return { path: project.paths.config };
  },
  done: (_context, _args, { path }) => openFile(path),
});

/** Reads the disk again, and finds repositories that are new. */
export const refresh = windowCommand({
  id: COMMANDS.refresh,
  args: z.object({ folder: z.string().optional() }),
  run: async (services) => {
    services.repositories.retry();
    services.refresh();
    for (const repository of services.repositories.known) await repository.locks.look();
    return {};
  },
});

export const showLog = windowCommand({
  id: COMMANDS.showLog,
  args: z.object({}),
  run: async (services) => {
    services.log.show();
    return Promise.resolve({});
  },
});

/** *Show Activity*: what agents and programs say and do, as they do it. */
export const showActivity = windowCommand({
  id: COMMANDS.showActivity,
  args: z.object({}),
  run: async (services) => {
    services.log.showActivity();
    return Promise.resolve({});
  },
});

export const showMoreRuns = windowCommand({
  id: COMMANDS.showMoreRuns,
  args: z.object({ folder: z.string() }),
  run: async (services, { folder }) => {
    services.showMoreRuns(folder);
    return Promise.resolve({});
  },
});
