import * as path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { type Next, nextStep } from '../core/runs/nextStep';
import { abandonRun, startRun } from '../core/runs/start';
import { COMMANDS, type CommandId } from '../ids';
import { announce } from '../ui/messages';
import { pickSpec } from '../ui/pick';
import { askRun } from './askFor';
import { type Command, changingCommand, readingCommand, startingCommand, windowCommand } from './define';
import { runId } from './input';

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

/** The same as *Start Run*, under the name that the menus of a Markdown file show. */
export const runStartFromFile: Command = { ...runStart, id: COMMANDS.runStartFromFile };

/**
 * Starts what comes next in a run; it takes no lock itself, the operation that it calls does. Silent: only says what
 * comes next.
 */
export const runContinue = readingCommand({
  id: COMMANDS.runContinue,
  args: z.object({ runId }),
  ask: (context, given) => askRun(context, given, 'Continue'),
  run: async (project, args) => ({ next: await nextStep(project, args.runId) }),
  done: async ({ repository }, args, { next }) => {
    const call = (id: CommandId, more: object = {}): Thenable<unknown> =>
      vscode.commands.executeCommand(id, { folder: repository.project.top, runId: args.runId, ...more });
    const ways = waysOn(next);
    const [only] = ways;
    if (!only) announce(next.kind === 'damaged' ? 'error' : 'info', next.message);
    else if (ways.length === 1) await call(only.command, only.args);
    else {
      const picked = await vscode.window.showQuickPick(ways, { title: 'Weld: Continue', placeHolder: next.message });
      if (picked) await call(picked.command, picked.args);
    }
  },
});

interface Way extends vscode.QuickPickItem {
  readonly command: CommandId;
  readonly args?: object;
}

/** What can be done next; one way is gone at once, among several the person chooses. */
function waysOn(next: Next): readonly Way[] {
  switch (next.kind) {
    case 'research':
      return [
        {
          label: '$(search) Generate Research',
          detail: 'The configured agent looks at the code first.',
          command: COMMANDS.researchGenerate,
        },
        {
          label: '$(cloud-download) Import Research…',
          detail: 'Research that was written elsewhere.',
          command: COMMANDS.researchImport,
        },
        { label: '$(sparkle) Continue with the Plan', detail: 'Without research.', command: COMMANDS.planGenerate },
      ];
    case 'plan':
      return [
        {
          label: '$(sparkle) Generate Plan',
          detail: 'The configured agent writes it.',
          command: COMMANDS.planGenerate,
        },
        {
          label: '$(cloud-download) Import Plan…',
          detail: 'A plan that was written elsewhere.',
          command: COMMANDS.planImport,
        },
        ...(next.stale
          ? [{ label: '$(check) Keep Current Plan', detail: 'The run keeps the reason.', command: COMMANDS.planKeep }]
          : []),
      ];
    case 'plan-review':
      return [
        {
          label: '$(checklist) Review Plan',
          detail: 'The configured reviewer judges it and may revise it.',
          command: COMMANDS.planReview,
        },
        { label: '$(play) Continue with the Steps', detail: 'Without a review.', command: COMMANDS.stepLoop },
      ];
    case 'plan-apply':
      return [
        {
          label: '$(check) Apply Revised Plan',
          detail: 'The plan of the review is the one to work by.',
          command: COMMANDS.planApply,
        },
        { label: '$(play) Keep the Plan as It Is', detail: 'Goes on with the steps.', command: COMMANDS.stepLoop },
      ];
    case 'step-select':
      return [{ label: '', command: COMMANDS.stepLoop, args: { step: next.step } }];
    case 'step-loop':
      return [{ label: '', command: COMMANDS.stepLoop, args: { step: next.step, resume: next.resume } }];
    case 'step-accept':
      return [
        {
          label: '$(verified) Accept Pass…',
          detail: 'It counts as it is; the run keeps the reason.',
          command: COMMANDS.stepAccept,
          args: { step: next.step },
        },
        {
          label: '$(play) Work on It Again',
          detail: 'Another iteration, judged here.',
          command: COMMANDS.stepLoop,
          args: { step: next.step },
        },
      ];
    case 'commit':
      return [{ label: '', command: COMMANDS.commit }];
    case 'damaged':
    case 'done':
      return [];
  }
}

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
          'given up: they cannot be compared or restored any more.',
      },
      'Abandon',
    );
    return sure === 'Abandon' ? run : undefined;
  },
  lock: (args) => ({ runId: args.runId, command: 'run abandon' }),
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
