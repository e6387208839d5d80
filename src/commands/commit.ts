import * as vscode from 'vscode';
import * as z from 'zod';
import { commitRun } from '../core/runs/commit';
import { shownPaths } from '../core/runs/commit/reviewed';
import { readRun } from '../core/runs/list';
import { COMMANDS } from '../ids';
import { announce } from '../ui/messages';
import { leftOutWords } from '../ui/words';
import { askRun } from './ask';
import { askForce, askWhat, commitAllTheSame } from './commitChoice';
import { changingCommand } from './define';
import { runId } from './input';

const args = z.object({
  runId,
  message: z.string(),
  /** What the steps changed as it was reviewed (the default), what is staged, or every change. */
  what: z.enum(['passed', 'staged', 'all']).optional(),
  /** The steps that it is about; left out: all that were worked on. */
  steps: z.array(z.number().int()).optional(),
  /** Every change of the work tree. */
  all: z.boolean().optional(),
  /** Chosen paths, relative to the repository's top. */
  files: z.array(z.string()).optional(),
  /** Commit although a step has not passed. */
  force: z.boolean().optional(),
});

/** Commits what passed, what is staged, everything or chosen files, with where it came from. */
export const commit = changingCommand({
  id: COMMANDS.commit,
  args,
  progress: () => 'Committing',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Commit');
    if (!run) return undefined;
    const { project } = context.repository;
    const { steps } = await readRun(project, run.runId);
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
      (await vscode.window.showInputBox({
        title: 'Weld: Commit',
        prompt: 'The commit message; Weld adds where the work came from.',
        ignoreFocusOut: true,
        value: steps
          .filter((step) => step.state === 'passed')
          .map((step) => step.title)
          .join('; '),
        validateInput: (text) => (text.trim() === '' ? 'A commit needs a message.' : undefined),
      }));
    return message === undefined ? undefined : { ...about, message, force };
  },
  lock: (args) => ({ runId: args.runId, command: 'commit' }),
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
        confirm: (differs: string) => commitAllTheSame('This is not what was reviewed. Commit all the same?', differs),
      }),
    }),
  done: (_context, _args, { sha, ...result }) => {
    announce('info', `Committed as ${sha.slice(0, 10)}.${differsWords(result)}${leftOutWords(result)}`, [
      { title: 'Copy Commit Hash', run: () => vscode.env.clipboard.writeText(sha) },
    ]);
  },
});

/** What to add to the message about files that are not as they were reviewed; empty when there is none. */
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
    ...(others.length > 0 ? [` Other than when it was checked: ${shownPaths(others)}.`] : []),
  ].join('');
}
