import * as vscode from 'vscode';
import * as z from 'zod';
import { openProject } from '../core/openProject';
import { createSample } from '../core/runs/sample/create';
import { SAMPLE_SPEC_PATH } from '../core/runs/sample/files';
import { startRun } from '../core/runs/start';
import { COMMANDS } from '../ids';
import { assertTrusted } from '../platform/window';
import { withProgress } from '../ui/progress';
import { type Services, windowCommand } from './define';

/**
 * *Try a Sample Run*: a small repository in the system's temporary folder, with a run whose agents a recording plays.
 * It opens in a new window, or in this one where no folder is open. A silent call only creates it.
 */
export const sample = windowCommand({
  id: COMMANDS.sample,
  args: z.object({}),
  run: (services, _args, silent) => {
    assertTrusted();
    return silent
      ? create(services)
      : withProgress(
          'Creating the sample run',
          () => undefined,
          () => create(services),
        );
  },
  done: async (_context, _args, { folder }) => {
    const inUse = (vscode.workspace.workspaceFolders ?? []).length > 0;
    await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), {
      forceNewWindow: inUse,
      forceReuseWindow: !inUse,
    });
  },
});

async function create(services: Services): Promise<{ readonly folder: string; readonly runId: string }> {
  const { log, storage } = services;
  const programs = await services.programs();
  const folder = await createSample(programs);
  const project = await openProject(folder, { programs, log, storage });
  const { runId } = await startRun(project, { spec: SAMPLE_SPEC_PATH, skipResearch: true });
  log.info(`The sample run is in ${folder}.`);
  return { folder, runId };
}
