import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { RunId } from '../core/artifacts/runIds';
import { writeError } from '../core/artifacts/store';
import { reportText } from '../core/runs/report';
import { COMMANDS } from '../ids';
import { askRun } from './askFor';
import { readingCommand } from './define';
import { runId } from './input';

/** *Show Run Report*: the whole run as Markdown, such as for a pull request. It is written outside of `.weld`. */
export const runReport = readingCommand({
  id: COMMANDS.runReport,
  args: z.object({ runId }),
  progress: () => 'Writing the report',
  ask: (context, given) => askRun(context, given, 'Show Run Report'),
  run: async (project, args, { services }) => {
    const markdown = await reportText(project, args.runId);
    return { markdown, path: await write(services.storage, args.runId, markdown) };
  },
  done: async (_context, _args, { path: file }) => {
    await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(file));
  },
});

/** One file for each run, written anew each time. @returns its absolute path @throws WeldError `NOT_WRITABLE` */
async function write(storage: string, run: RunId, markdown: string): Promise<string> {
  const file = path.join(storage, 'reports', `${run}.md`);
  try {
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await fs.writeFile(file, markdown, { mode: 0o600 });
  } catch (error) {
    throw writeError(file, error);
  }
  return file;
}
