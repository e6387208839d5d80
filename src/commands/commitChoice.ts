import * as path from 'node:path';
import * as vscode from 'vscode';
import { WeldError } from '../core/errors';
import type { Project } from '../core/project';
import type { StepState } from '../core/steps/state/types';
import { unsavedIn } from '../ui/saveEditors';
import { counted } from '../ui/words';

/** What goes into a commit, as the command's arguments have it. */
export interface CommitChoice {
  what?: 'passed' | 'staged' | 'all';
  steps?: number[];
  files?: string[];
}

/**
 * Asks what goes into the commit; what passed stands first. @returns undefined when the person gave up. @throws
 * WeldError `NOTHING_TO_COMMIT`
 */
export async function askWhat(project: Project, steps: readonly StepState[]): Promise<CommitChoice | undefined> {
  const changes = await changesOf(project);
  const passed = steps.filter((step) => step.state === 'passed').map((step) => step.n);
  if (changes.length === 0 && passed.length === 0)
    throw new WeldError('NOTHING_TO_COMMIT', 'Nothing has changed since the last commit; there is nothing to commit.');
  const staged = changes.filter((change) => change.staged);
  const picked = await vscode.window.showQuickPick(
    [
      ...(passed.length > 0
        ? [
            {
              label: '$(pass) What Passed',
              description: `step${passed.length > 1 ? 's' : ''} ${passed.join(', ')}, as reviewed`,
              holds: 'passed' as const,
            },
          ]
        : []),
      ...(staged.length > 0
        ? [
            {
              label: '$(diff-added) What Is Staged',
              description: counted(staged.length, 'file'),
              holds: 'staged' as const,
            },
          ]
        : []),
      ...(changes.length > 0
        ? [
            { label: '$(list-flat) All Changes', description: counted(changes.length, 'file'), holds: 'all' as const },
            { label: '$(checklist) Choose Files…', description: '', holds: 'files' as const },
          ]
        : []),
    ],
    { title: 'Weld: Commit', placeHolder: 'What goes into the commit?' },
  );
  if (!picked) return undefined;
  if (picked.holds === 'passed') return { what: 'passed', steps: passed };
  if (picked.holds !== 'files') return { what: picked.holds };
  const chosen = await vscode.window.showQuickPick(
    changes.map((change) => ({ label: change.path, picked: change.staged })),
    { title: 'Weld: Commit', placeHolder: 'Which files?', canPickMany: true },
  );
  return chosen && chosen.length > 0 ? { files: chosen.map((file) => file.label) } : undefined;
}

/**
 * What git sees, and what it will see once the editors are saved, which happens under the lock. Paths are relative to
 * the top.
 */
async function changesOf(project: Project): Promise<readonly { readonly path: string; readonly staged: boolean }[]> {
  const changes = await project.git.changes();
  const unsaved = unsavedIn(project.top).map((document) =>
    path.relative(project.top, document.uri.fsPath).replaceAll(path.sep, '/'),
  );
  const more = unsaved.filter((file) => !file.startsWith('.weld/') && changes.every((change) => change.path !== file));
  return [...changes, ...more.map((file) => ({ path: file, staged: false }))];
}

/** Asks whether to commit although steps are open. @returns undefined when the person gave up */
export async function askForce(open: readonly number[]): Promise<boolean | undefined> {
  const which = open.length === 1 ? `Step ${open.join()} has not passed` : `Steps ${open.join(', ')} have not passed`;
  return (await commitAllTheSame(
    `${which}. Commit all the same?`,
    'Finish or skip what is open to commit without this question.',
  ))
    ? true
    : undefined;
}

/** @param detail what speaks against it */
export async function commitAllTheSame(question: string, detail: string): Promise<boolean> {
  const answer = 'Commit Anyway';
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, answer)) === answer;
}
