import * as path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { WeldError } from '../core/errors';
import { commitRun } from '../core/runs/commit';
import { readRun } from '../core/runs/list';
import type { Project } from '../core/project';
import { COMMANDS } from '../ids';
import { announce } from '../ui/messages';
import { unsavedIn } from '../ui/saveEditors';
import { counted, leftOutWords } from '../ui/words';
import { askRun } from './ask';
import { changingCommand } from './define';
import { runId } from './input';

const args = z.object({
  runId,
  message: z.string(),
  /** Every change of the work tree. */
  all: z.boolean().optional(),
  /** Chosen paths, relative to the repository's top. */
  files: z.array(z.string()).optional(),
  /** Commit although a step has not passed. */
  force: z.boolean().optional(),
});

/** Commits what is staged, everything or chosen files, with where it came from. */
export const commit = changingCommand({
  id: COMMANDS.commit,
  args,
  progress: () => 'Committing',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Commit');
    if (!run) return undefined;
    const { project } = context.repository;
    const what = given.all !== undefined || given.files !== undefined ? {} : await askWhat(project);
    if (!what) return undefined;
    const { steps } = await readRun(project, run.runId);
    const open = steps.filter((step) => ['selected', 'in-progress', 'failed', 'damaged'].includes(step.state));
    const force = given.force ?? (open.length === 0 ? false : await askForce(open.map((step) => step.n)));
    if (force === undefined) return undefined;
    const message = given.message ?? (await vscode.window.showInputBox({
      title: 'Weld: Commit', prompt: 'The commit message; Weld adds where the work came from.', ignoreFocusOut: true,
      value: steps.filter((step) => step.state === 'passed').map((step) => step.title).join('; '),
      validateInput: (text) => (text.trim() === '' ? 'A commit needs a message.' : undefined),
    }));
    return message === undefined ? undefined : { ...given, ...run, ...what, message, force };
  },
  lock: (args) => ({ runId: args.runId, command: 'commit' }),
  readsTree: true,
  run: async (operation, { runId, message, all, files, force }) => {
    return commitRun(operation, { runId, message, ...(all !== undefined && { all }), ...(files && { files }), ...(force !== undefined && { force }) });
  },
  done: (_context, _args, { sha, ...result }) => {
    announce('info', `Committed as ${sha.slice(0, 10)}.${leftOutWords(result)}`, [{ title: 'Copy Id', run: () => vscode.env.clipboard.writeText(sha) }]);
  },
});

/** What goes into the commit. @returns undefined when the person gave up */
async function askWhat(project: Project): Promise<{ all?: boolean; files?: string[] } | undefined> {
  const changes = await changesOf(project);
  if (changes.length === 0) throw new WeldError('NOTHING_TO_COMMIT', 'Nothing has changed since the last commit; there is nothing to commit.');
  const staged = changes.filter((change) => change.staged);
  const picked = await vscode.window.showQuickPick([
    { label: '$(list-flat) All Changes', description: counted(changes.length, 'file'), kind: 'all' as const },
    ...(staged.length > 0 ? [{ label: '$(diff-added) What Is Staged', description: counted(staged.length, 'file'), kind: 'staged' as const }] : []),
    { label: '$(checklist) Choose Files…', description: '', kind: 'files' as const },
  ].map(({ kind, ...item }) => ({ ...item, what: kind })), { title: 'Weld: Commit', placeHolder: 'What goes into the commit?' });
  if (!picked) return undefined;
  if (picked.what === 'all') return { all: true };
  if (picked.what === 'staged') return {};
  const chosen = await vscode.window.showQuickPick(changes.map((change) => ({ label: change.path, picked: change.staged })), { title: 'Weld: Commit', placeHolder: 'Which files?', canPickMany: true });
  return chosen && chosen.length > 0 ? { files: chosen.map((file) => file.label) } : undefined;
}

/** What git sees, and what it will see once the editors are saved, which happens under the lock. Paths are relative to the top. */
async function changesOf(project: Project): Promise<readonly { readonly path: string; readonly staged: boolean }[]> {
  const changes = await project.git.changes();
  const unsaved = unsavedIn(project.top).map((document) => path.relative(project.top, document.uri.fsPath).replaceAll(path.sep, '/'));
  const more = unsaved.filter((file) => !file.startsWith('.weld/') && changes.every((change) => change.path !== file));
  return [...changes, ...more.map((file) => ({ path: file, staged: false }))];
}

async function askForce(open: readonly number[]): Promise<boolean | undefined> {
  const which = open.length === 1 ? `Step ${open.join()} has not passed` : `Steps ${open.join(', ')} have not passed`;
  const answer = await vscode.window.showWarningMessage(`${which}. Commit all the same?`, { modal: true, detail: 'Finish or skip what is open to commit without this question.' }, 'Commit All the Same');
  return answer === undefined ? undefined : true;
}
