import * as vscode from 'vscode';
import * as z from 'zod';
import type { AgentFailure } from '../../core/agents/agent';
import { STEP_LOOP } from '../../core/lock/runLock';
import type { StepsStopReason } from '../../core/runs/runSteps';
import type { LoopResult } from '../../core/steps/results';
import { runLoop } from '../../core/steps/runLoop';
import { selectStep } from '../../core/steps/select';
import { COMMANDS } from '../../ids';
import { button, type Choice } from '../../platform/invoke';
import type { Repositories, Repository } from '../../platform/repositories';
import { settings } from '../../platform/window';
import { agentHelp } from '../../ui/agentHelp';
import { leftOutWords } from '../../ui/format';
import { lockWords } from '../../ui/lockWords';
import { announce } from '../../ui/messages';
import { shouldNotify } from '../../ui/shouldNotify';
import { askStep } from '../askFor';
import { type Context, changingCommand, windowCommand } from '../define';
import { runId, step } from '../input';

/** *Run Step Loop*: implement, check, review and fix until the step passes or a limit ends the loop. */
export const stepLoop = changingCommand({
  id: COMMANDS.stepLoop,
  args: z.object({ runId, step, maxIterations: z.int().positive().optional(), resume: z.boolean().optional() }),
  progress: () => 'Weld',
  ask: (context, given) => askStep(context, given, 'Run Step Loop'),
  lock: (args) => ({ runId: args.runId, operation: STEP_LOOP, step: args.step }),
  readsTree: true,
  run: async (operation, args, { saveEditors, silent }) => {
    const at = { run: args.runId, step: args.step, beforeReadingTree: saveEditors };
    // Selecting twice changes nothing, so the person need not select the step first.
    if (!silent) await selectStep(operation, at);
    return runLoop(operation, {
      ...at,
      maxIterations: args.maxIterations,
      resume: args.resume ?? (silent ? false : 'unfinished'),
    });
  },
  done: (context, args, result) => {
    announceEnd(context, args, result);
  },
});

/** Says how a loop ended, and offers what helps now. */
function announceEnd(
  { repository, services }: Context,
  args: { readonly runId: string; readonly step: number },
  result: LoopResult,
): void {
  const message =
    (/^step \d/iu.test(result.message) ? result.message : `Step ${args.step}: ${result.message}`) +
    leftOutWords(result);
  services.log.info(`${message} (${result.reason})`);
  if (result.passed && !shouldNotify(settings.announceEnd, vscode.window.state.focused, result.reason)) return;
  const { top } = repository.project;
  const at = { folder: top, runId: args.runId, step: args.step };
  if (result.passed) {
    const changes = button('Show Changes', COMMANDS.stepShowChanges, at);
    announce('info', message, [button('Continue', COMMANDS.runContinue, { folder: top, runId: args.runId }), changes]);
    return;
  }
  // A finished iteration that has not passed is no reason to go on by itself.
  const resume = ['cancelled', 'lock_lost', 'agent_failed', 'budget'].includes(result.reason);
  const again = button('Continue', COMMANDS.stepLoop, { ...at, ...(resume && { resume }) });
  announceStop({ repository, services }, { ...args, again }, { ...result, message });
}

/** Says why the work on a step has stopped, and offers what helps. @param at.again goes on with the work */
export function announceStop(
  { repository }: Context,
  at: { readonly runId: string; readonly step: number; readonly again: Choice },
  result: { readonly reason: StepsStopReason; readonly message: string; readonly failure?: AgentFailure },
): void {
  const { reason, message } = result;
  if (!shouldNotify(settings.announceEnd, vscode.window.state.focused, reason)) return;
  const { again } = at;
  const { top } = repository.project;
  const of = { folder: top, runId: at.runId, step: at.step };
  const changes = button('Show Changes', COMMANDS.stepShowChanges, of);
  switch (reason) {
    case 'cancelled':
      announce('info', message, [again, changes]);
      break;
    case 'lock_lost':
      announce('error', `Step ${at.step}: ${lockWords(repository.locks.view, undefined, Date.now()).sentence}`, [
        again,
        button('Show Lock', COMMANDS.lockShow, { folder: top }),
      ]);
      break;
    case 'agent_failed':
    case 'budget': {
      const failure =
        result.failure ?? (reason === 'budget' ? ({ kind: 'budget', agent: 'manual' } as const) : undefined);
      const options = failure ? agentHelp(failure, top, again.run) : [];
      announce(reason === 'budget' ? 'warning' : 'error', message, [
        ...options,
        again,
        ...(options.length > 0 ? [] : [button('Show Log', COMMANDS.showLog)]),
      ]); // the editor truncates a message with more than three buttons
      break;
    }
    case 'commit_failed':
    case 'damaged':
      announce('warning', message, [again, button('Show Log', COMMANDS.showLog)]);
      break;
    default:
      announce('warning', message, [button('Open Review', COMMANDS.stepOpenReview, of), changes, again]);
  }
}

/**
 * Asks the operation of this window to stop cleanly; its own progress shows when it has. A silent call stops the run
 * that it names. For a person it stops what is running, whatever row or editor is active.
 */
export const stepStop = windowCommand({
  id: COMMANDS.stepStop,
  args: z.object({ folder: z.string().optional(), runId: runId.optional() }),
  run: async ({ repositories }, args, silent) => {
    if (silent) {
      const { locks } = await repositories.resolve(args.folder);
      if (args.runId === undefined || locks.work?.runId === args.runId) locks.stop();
      return {};
    }
    const working = await pickWorking(repositories, args.folder);
    if (working === 'none') announce('info', 'No step loop is running in this window.');
    else working?.locks.stop();
    return {};
  },
});

/** Finds the repository in which an operation runs. @returns undefined when the person picked none of several */
async function pickWorking(
  { known }: Repositories,
  folder: string | undefined,
): Promise<Repository | 'none' | undefined> {
  const working = known.filter(({ locks }) => locks.work);
  const named = working.find(({ project }) => project.top === folder);
  if (named) return named;
  if (working.length < 2) return working[0] ?? 'none';
  const items = working.map((repository) => ({
    label: `$(repo) ${repository.name}`,
    description: repository.locks.work?.command ?? '',
    repository,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Weld: Stop', placeHolder: 'Which work?' }))?.repository;
}
