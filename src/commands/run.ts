import * as path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { type Next, nextStep } from '../core/runs/nextStep';
import { abandonRun, startRun } from '../core/runs/start';
import { COMMANDS, type CommandId } from '../ids';
import { button, type Call, invoke } from '../platform/invoke';
import { runName } from '../ui/format';
import { announce } from '../ui/messages';
import { askText, pickSpec } from '../ui/pick';
import { askRun } from './askFor';
import { type Command, changingCommand, readingCommand, startingCommand, windowCommand } from './define';
import { runId } from './input';

const args = z.object({
  /** Absolute, or relative to the repository's top. */
  spec: z.string().min(1),
  name: z.string().optional(),
  skipResearch: z.boolean().optional(),
});

/** Needs no lock: the run is built in a temporary folder and renamed into place. */
export const runStart = startingCommand({
  id: COMMANDS.runStart,
  args,
  progress: () => 'Starting a run',
  ask: async ({ repository }, given) => {
    const spec = given.spec ?? (await pickSpec(repository.project.top));
    if (spec === undefined) return undefined;
    const name =
      given.name ??
      (await askText(
        'Start Run',
        'A name for the run; its folder is named after it.',
        'A run needs a name.',
        path.basename(spec, path.extname(spec)),
      ));
    return name === undefined ? undefined : { ...given, spec, name };
  },
  run: async (project, { spec, name, skipResearch }) => {
    const { runId } = await startRun(project, {
      spec,
      ...(name !== undefined && { name }),
      ...(skipResearch !== undefined && { skipResearch }),
    });
    return { runId };
  },
  done: ({ services, repository }, _args, { runId }) => {
    services.memory.remember(repository.project.top, runId);
    announce('info', `Started "${runName(runId)}".`, [
      button('Generate Plan', COMMANDS.planGenerate, { folder: repository.project.top, runId }),
      button('Import Plan…', COMMANDS.planImport, { folder: repository.project.top, runId }),
    ]);
  },
});

/** The same as *Start Run*, with the title that the menus of a Markdown file show. */
export const runStartFromFile: Command = { ...runStart, id: COMMANDS.runStartFromFile };

/**
 * *Continue*: starts the next command of a run, which takes the lock itself. A silent call only returns what is next.
 */
export const runContinue = readingCommand({
  id: COMMANDS.runContinue,
  args: z.object({ runId }),
  ask: (context, given) => askRun(context, given, 'Continue'),
  run: async (project, args) => ({ next: await nextStep(project, args.runId) }),
  done: async ({ repository }, args, { next }) => {
    const actions = nextActions(next, { folder: repository.project.top, runId: args.runId });
    const [only] = actions;
    if (!only) announce(next.kind === 'damaged' ? 'error' : 'info', next.message);
    else if (actions.length === 1) await only.run();
    else {
      const picked = await vscode.window.showQuickPick(actions, { title: 'Weld: Continue', placeHolder: next.message });
      await picked?.run();
    }
  },
});

interface NextAction extends vscode.QuickPickItem {
  readonly run: () => Thenable<unknown>;
}

function nextAction<K extends CommandId>(label: string, detail: string, command: K, args: Call<K>): NextAction {
  return { label, detail, run: () => invoke(command, args) };
}

/** The possible next commands. The caller runs a single one at once, and lets the person choose among several. */
function nextActions(next: Next, at: { readonly folder: string; readonly runId: string }): readonly NextAction[] {
  switch (next.kind) {
    case 'research':
      return [
        nextAction(
          '$(search) Generate Research',
          'The configured agent looks at the code first.',
          COMMANDS.researchGenerate,
          at,
        ),
        nextAction(
          '$(cloud-download) Import Research…',
          'Research that was written elsewhere.',
          COMMANDS.researchImport,
          at,
        ),
        nextAction('$(sparkle) Continue with the Plan', 'Without research.', COMMANDS.planGenerate, at),
      ];
    case 'plan':
      return [
        nextAction('$(sparkle) Generate Plan', 'The configured agent writes it.', COMMANDS.planGenerate, at),
        nextAction('$(cloud-download) Import Plan…', 'A plan that was written elsewhere.', COMMANDS.planImport, at),
        ...(next.stale
          ? [nextAction('$(check) Keep Current Plan', 'The run keeps the reason.', COMMANDS.planKeep, at)]
          : []),
      ];
    case 'plan-review':
      return [
        nextAction(
          '$(checklist) Review Plan',
          'The configured reviewer judges it and may revise it.',
          COMMANDS.planReview,
          at,
        ),
        nextAction('$(play) Continue with the Steps', 'Without a review.', COMMANDS.stepLoop, at),
      ];
    case 'plan-apply':
      return [
        nextAction('$(check) Apply Revised Plan', "Uses the reviewer's plan.", COMMANDS.planApply, at),
        nextAction('$(play) Keep the Plan as It Is', 'Continues with the steps.', COMMANDS.stepLoop, at),
      ];
    case 'step-select':
      return [nextAction('', '', COMMANDS.stepLoop, { ...at, step: next.step })];
    case 'step-loop':
      return [nextAction('', '', COMMANDS.stepLoop, { ...at, step: next.step, resume: next.resume })];
    case 'step-accept':
      return [
        nextAction('$(verified) Accept Pass…', 'It counts as it is; the run keeps the reason.', COMMANDS.stepAccept, {
          ...at,
          step: next.step,
        }),
        nextAction('$(play) Work on It Again', 'Another iteration, judged here.', COMMANDS.stepLoop, {
          ...at,
          step: next.step,
        }),
      ];
    case 'commit':
      return [nextAction('', '', COMMANDS.commit, at)];
    case 'damaged':
    case 'done':
      return [];
  }
}

/** *Abandon Run*: asks for a confirmation, because the trees of the iterations are lost. */
export const runAbandon = changingCommand({
  id: COMMANDS.runAbandon,
  args: z.object({ runId }),
  progress: () => 'Abandoning the run',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Abandon Run');
    if (!run) return undefined;
    const sure = await vscode.window.showWarningMessage(
      `Abandon the run ${run.runId}?`,
      {
        modal: true,
        detail:
          'Its files stay under .weld/runs, and your work tree stays as it is. The trees of its iterations are ' +
          'removed: they can no longer be compared or restored.',
      },
      'Abandon',
    );
    return sure === 'Abandon' ? run : undefined;
  },
  lock: (args) => ({ runId: args.runId, operation: 'run abandon' }),
  run: async (operation, args) => {
    await abandonRun(operation, args);
    return {};
  },
  done: (_context, args) => {
    announce('info', `The run ${args.runId} is abandoned; its files are kept.`);
  },
});

export const runCopyId = windowCommand({
  id: COMMANDS.runCopyId,
  args: z.object({ runId }),
  run: async (_services, args) => {
    await vscode.env.clipboard.writeText(args.runId);
    return {};
  },
});
