import * as vscode from 'vscode';
import * as z from 'zod';
import { init as initRepository } from '../core/runs/init';
import { COMMANDS } from '../ids';
import { announce } from '../ui/messages';
import { startingCommand } from './define';

export const init = startingCommand({
  id: COMMANDS.init,
  args: z.object({}),
  progress: () => 'Preparing the repository for Weld',
  run: async (project) => {
    await initRepository(project);
    return {};
  },
  done: ({ repository }) => {
    announce(
      'info',
      `${repository.name} is ready for Weld. The checks that every step must pass stand in .weld/config.toml.`,
      [
        { title: 'Open Configuration', run: () => vscode.commands.executeCommand(COMMANDS.openConfig) },
        { title: 'Start Run…', run: () => vscode.commands.executeCommand(COMMANDS.runStart) },
      ],
    );
  },
});
