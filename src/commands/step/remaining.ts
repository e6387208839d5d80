import * as vscode from 'vscode';
import * as z from 'zod';
import { agentKind } from '../../core/agents/registry';
import { parseRunId } from '../../core/artifacts/runIds';
import type { Task } from '../../core/config/providers';
import type { Config } from '../../core/config/schema';
import { REMAINING_STEPS } from '../../core/lock/runLock';
import { readRun } from '../../core/runs/listRuns';
import { type RunStepsResult, runSteps } from '../../core/runs/runSteps';
import { isThrough, type StepState } from '../../core/steps/state/states';
import { elapsed } from '../../core/util/duration';
import { listed, plural } from '../../core/util/text';
import { COMMANDS } from '../../ids';
import { button } from '../../platform/invoke';
import { settings } from '../../platform/window';
import { agentName } from '../../ui/agentHelp';
import { counted, joined, leftOutWords } from '../../ui/format';
import { announce } from '../../ui/messages';
import { shouldNotify } from '../../ui/shouldNotify';
import { askRun } from '../askFor';
import { type Context, changingCommand } from '../define';
import { runId } from '../input';
import { announceStop } from './loop';

interface Given {
  readonly runId?: string | undefined;
  readonly commitEach?: boolean | undefined;
  readonly until?: number | undefined;
  readonly resume?: boolean | undefined;
}

/** *Run Remaining Steps*: works through the steps that are left until one does not pass. */
export const runRemaining = changingCommand({
  id: COMMANDS.runSteps,
  args: z.object({
    runId,
    commitEach: z.boolean().optional(),
    until: z.int().positive().optional(),
    resume: z.boolean().optional(),
  }),
  progress: () => 'Weld',
  ask: async (context, given) => {
    const run = await askRun(context, given, 'Run Remaining Steps');
    return run && consent(context, { ...given, ...run });
  },
  lock: (args) => ({ runId: args.runId, operation: REMAINING_STEPS }),
  readsTree: true,
  run: (operation, { runId: run, commitEach, until, resume }, { saveEditors }) =>
    runSteps(operation, { run, commitEach, until, resume, beforeReadingTree: saveEditors }),
  done: (context, args, result) => {
    announceEnd(context, args, result);
  },
});

/** Asks once, naming the steps, the agents, the limits and what earlier steps took. @returns undefined to cancel */
async function consent(
  { repository: { project } }: Context,
  given: Given & { readonly runId: string },
): Promise<(Given & { runId: string }) | undefined> {
  const { steps } = await readRun(project, parseRunId(given.runId));
  const planned = steps.filter((step) => step.line !== null && step.n <= (given.until ?? Infinity));
  const left = planned.filter((step) => !isThrough(step.state));
  const uncommitted = planned.filter((step) => step.state === 'passed');
  if (left.length === 0 && uncommitted.length === 0) {
    announce('info', 'No step is left in this run.');
    return undefined;
  }
  if (given.commitEach !== undefined || given.resume) return { ...given };
  const { config } = await project.config();
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: '$(git-commit) Run and Commit Each Step',
        detail: 'Each commit has the title of its step as its message.',
        commitEach: true,
      },
      { label: '$(run-all) Run without Commits', detail: 'The changes stay uncommitted.', commitEach: false },
    ],
    {
      title: 'Weld: Run Remaining Steps',
      placeHolder: joined([
        left.length === 0
          ? `${counted(uncommitted.length, 'step')} to commit`
          : `${plural('Step', left.length)} ${listed(
              left.map(({ n }) => String(n)),
              8,
            )}`,
        agentsOf(config),
        limitsOf(config),
        estimate(steps, left.length),
      ]),
    },
  );
  return picked && { ...given, commitEach: picked.commitEach };
}

function agentsOf(config: Config): string {
  const name = (task: Task): string => agentName(agentKind(task, config));
  return `implemented by ${name('implementation')}, reviewed by ${name('implementation_review')}`;
}

function limitsOf({ loop }: Config): string {
  return [
    `at most ${counted(loop.max_iterations, 'iteration')}`,
    ...(loop.max_minutes === undefined ? [] : [`${loop.max_minutes} min`]),
    ...(loop.max_cost_usd === undefined ? [] : [`$${loop.max_cost_usd}`]),
  ]
    .join(', ')
    .concat(' each');
}

/** What the steps that are left may take, from the average of the finished ones; empty when none is finished. */
export function estimate(steps: readonly StepState[], left: number): string {
  const finished = steps
    .filter((step) => ['passed', 'committed'].includes(step.state))
    .map(({ iterations }) => iterations.flatMap(({ timing }) => timing ?? []))
    .filter((timings) => timings.length > 0);
  if (finished.length === 0 || left === 0) return '';
  const all = finished.flat();
  const time = (all.reduce((sum, { total_ms: ms }) => sum + ms, 0) / finished.length) * left;
  const cost = (all.reduce((sum, { cost_usd: usd }) => sum + (usd ?? 0), 0) / finished.length) * left;
  return `about ${elapsed(time)}${cost > 0 ? ` and $${cost.toFixed(2)}` : ''} as so far`;
}

/** Says how far it came, and offers what helps now. */
function announceEnd(context: Context, args: Given & { readonly runId: string }, result: RunStepsResult): void {
  const { repository, services } = context;
  const { top } = repository.project;
  const message = result.message + leftOutWords(result);
  services.log.info(`${message} (${result.reason})`);
  const again = button('Continue', COMMANDS.runSteps, { folder: top, ...args, resume: true });
  if (result.stoppedAt === undefined) {
    if (!shouldNotify(settings.announceEnd, vscode.window.state.focused, 'passed')) return;
    const next = button('Continue', COMMANDS.runContinue, { folder: top, runId: args.runId });
    const over = args.commitEach === true && args.until === undefined;
    announce('info', message, over ? [] : [next]);
    return;
  }
  announceStop(context, { runId: args.runId, step: result.stoppedAt, again }, { ...result, message });
}
