import * as path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { parseRunId } from '../core/artifacts/runIds';
import type { Project } from '../core/project';
import { shownPaths } from '../core/runs/commit/reviewed';
import { commitRun } from '../core/runs/commitRun';
import { readRun } from '../core/runs/listRuns';
import { nextStep } from '../core/runs/nextStep';
import type { StepState } from '../core/steps/state/states';
import { WeldError } from '../core/util/errors';
import { COMMANDS } from '../ids';
import { button } from '../platform/invoke';
import { counted, leftOutWords } from '../ui/format';
import { announce } from '../ui/messages';
import { askText } from '../ui/pick';
import { unsavedIn } from '../ui/saveEditors';
import { askRun } from './askFor';
import { changingCommand } from './define';
import { runId } from './input';

const args = z.object({
  runId,
  message: z.string(),
  /** The reviewed changes of the steps (the default), the staged changes, or every change. */
  what: z.enum(['passed', 'staged', 'all']).optional(),
  /** The steps to commit; default: all that were worked on. */
  steps: z.array(z.number().int()).optional(),
  /** Commit every change of the work tree. */
  all: z.boolean().optional(),
  /** The paths to commit, relative to the repository's top. */
  files: z.array(z.string()).optional(),
  /** Commit although a step has not passed. */
  force: z.boolean().optional(),
});

/** Commits passed steps, staged changes, all changes or chosen files, and records their run in the commit. */
export const commit = changingCommand({
  id: COMMANDS.commit,
  args,
  progress: () => 'Committing',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Commit');
    if (!run) return undefined;
    const { project } = context.repository;
    const { steps } = await readRun(project, parseRunId(run.runId));
    const choice = [given.what, given.all, given.files].some((one) => one !== undefined)
      ? {}
      : await askWhat(project, steps);
    if (!choice) return undefined;
    const about = { ...given, ...run, ...choice };
    const open = steps.filter(
      (step) =>
        !['passed', 'not-selected', 'skipped', 'committed'].includes(step.state) &&
        (about.steps?.includes(step.n) ?? true),
    );
    const force = given.force ?? (open.length === 0 ? false : await askForce(open.map((step) => step.n)));
    if (force === undefined) return undefined;
    const message =
      given.message ??
      (await askText(
        'Commit',
        'The commit message; Weld adds where the work came from.',
        'A commit needs a message.',
        steps
          .filter((step) => step.state === 'passed')
          .map((step) => step.title)
          .join('; '),
      ));
    return message === undefined ? undefined : { ...about, message, force };
  },
  lock: (args) => ({ runId: args.runId, operation: 'commit' }),
  readsTree: true,
  run: async (operation, { runId, message, what, steps, all, files, force }, { silent }) =>
    commitRun(operation, {
      runId,
      message,
      ...(what && { what }),
      ...(steps && { steps }),
      ...(all !== undefined && { all }),
      ...(files && { files }),
      ...(force !== undefined && { force }),
      ...(!silent && {
        confirm: (differs: string) => confirmCommit('This is not what was reviewed. Commit anyway?', differs),
      }),
    }),
  done: async ({ repository: { project } }, { runId }, { sha, ...result }) => {
    const next = await nextStep(project, parseRunId(runId));
    announce(
      'info',
      `Committed as ${sha.slice(0, 10)}.${differsWords(result)}${leftOutWords(result)} ${next.message}`,
      [
        ...(next.kind === 'done' ? [] : [button('Continue', COMMANDS.runContinue, { folder: project.top, runId })]),
        { title: 'Copy Commit Hash', run: () => vscode.env.clipboard.writeText(sha) },
      ],
    );
  },
});

/** Words for the message about files that differ from their reviewed state; empty when none does. */
function differsWords({
  differs,
  hookChanged = [],
}: {
  readonly differs: readonly string[];
  readonly hookChanged?: readonly string[];
}): string {
  const others = differs.filter((file) => !hookChanged.includes(file));
  return [
    ...(hookChanged.length > 0 ? [` Hooks changed ${shownPaths(hookChanged)}.`] : []),
    ...(others.length > 0 ? [` Different from what was checked: ${shownPaths(others)}.`] : []),
  ].join('');
}

/** What goes into a commit, as arguments of the command. */
export interface CommitChoice {
  what?: 'passed' | 'staged' | 'all';
  steps?: number[];
  files?: string[];
}

/**
 * Asks what goes into the commit; passed steps are the first choice.
 * @returns undefined when the person cancelled @throws WeldError `NOTHING_TO_COMMIT`
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
              what: 'passed' as const,
            },
          ]
        : []),
      ...(staged.length > 0
        ? [
            {
              label: '$(diff-added) What Is Staged',
              description: counted(staged.length, 'file'),
              what: 'staged' as const,
            },
          ]
        : []),
      ...(changes.length > 0
        ? [
            { label: '$(list-flat) All Changes', description: counted(changes.length, 'file'), what: 'all' as const },
            { label: '$(checklist) Choose Files…', description: '', what: 'files' as const },
          ]
        : []),
    ],
    { title: 'Weld: Commit', placeHolder: 'What goes into the commit?' },
  );
  if (!picked) return undefined;
  if (picked.what === 'passed') return { what: 'passed', steps: passed };
  if (picked.what !== 'files') return { what: picked.what };
  const chosen = await vscode.window.showQuickPick(
    changes.map((change) => ({ label: change.path, picked: change.staged })),
    { title: 'Weld: Commit', placeHolder: 'Which files?', canPickMany: true },
  );
  return chosen && chosen.length > 0 ? { files: chosen.map((file) => file.label) } : undefined;
}

/**
 * The changes that git sees, and those that it will see once the editors are saved. They are saved later, under the
 * lock. Paths are relative to the repository's top.
 */
async function changesOf(project: Project): Promise<readonly { readonly path: string; readonly staged: boolean }[]> {
  const changes = await project.git.changes();
  const unsaved = unsavedIn(project.top).map((document) =>
    path.relative(project.top, document.uri.fsPath).replaceAll(path.sep, '/'),
  );
  const more = unsaved.filter((file) => !file.startsWith('.weld/') && changes.every((change) => change.path !== file));
  return [...changes, ...more.map((file) => ({ path: file, staged: false }))];
}

/** Asks whether to commit although steps are open. @returns undefined when the person cancelled */
export async function askForce(open: readonly number[]): Promise<boolean | undefined> {
  const which = open.length === 1 ? `Step ${open.join()} has not passed` : `Steps ${open.join(', ')} have not passed`;
  return (await confirmCommit(
    `${which}. Commit anyway?`,
    'Finish or skip what is open to commit without this question.',
  ))
    ? true
    : undefined;
}

/** Asks for a confirmation. @param detail why the commit may be wrong */
export async function confirmCommit(question: string, detail: string): Promise<boolean> {
  const answer = 'Commit Anyway';
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, answer)) === answer;
}
