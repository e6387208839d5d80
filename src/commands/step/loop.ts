import * as vscode from 'vscode';
import * as z from 'zod';
import { runLoop } from '../../core/steps/loop';
import { selectStep } from '../../core/steps/select';
import type { LoopResult } from '../../core/steps/types';
import { COMMANDS } from '../../ids';
import { settings } from '../../platform/settings';
import { agentHelp } from '../../ui/agentHelp';
import { announces } from '../../ui/announces';
import { lockWords } from '../../ui/lockWords';
import { announce } from '../../ui/messages';
import { leftOutWords } from '../../ui/words';
import { askStep } from '../ask';
import { type Context, changingCommand } from '../define';
import { runId, step } from '../input';

export const stepLoop = changingCommand({
  id: COMMANDS.stepLoop,
  args: z.object({ runId, step, maxIterations: z.int().positive().optional(), resume: z.boolean().optional() }),
  progress: () => 'Weld',
  ask: (context, given) => askStep(context, given, 'Run Step Loop'),
  lock: (args) => ({ runId: args.runId, command: `step loop ${args.step}` }),
  readsTree: true,
  run: async (operation, args, { saveEditors, silent }) => {
    const at = { run: args.runId, step: args.step, beforeReadingTree: saveEditors };
    // a second select moves nothing, so a person need not think of the first
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

/** Says how a loop ended, with what helps now. */
function announceEnd(
  { repository, services }: Context,
  args: { readonly runId: string; readonly step: number },
  result: LoopResult,
): void {
  const message =
    (/^step \d/iu.test(result.message) ? result.message : `Step ${args.step}: ${result.message}`) +
    leftOutWords(result);
  services.log.info(`${message} (${result.reason})`);
  if (!announces(settings.announceEnd, vscode.window.state.focused, result.reason)) return;
  const call = (title: string, id: string, more: object = {}) => ({
    title,
    run: (): unknown =>
      vscode.commands.executeCommand(id, {
        folder: repository.project.top,
        runId: args.runId,
        step: args.step,
        ...more,
      }),
  });
  const changes = call('Show Changes', COMMANDS.stepShowChanges);
  if (result.passed) {
    announce('info', message, [
      {
        title: 'Continue',
        run: () =>
          vscode.commands.executeCommand(COMMANDS.runContinue, { folder: repository.project.top, runId: args.runId }),
      },
      changes,
    ]);
    return;
  }
  const resume = call('Continue', COMMANDS.stepLoop, { resume: true });
  switch (result.reason) {
    case 'cancelled':
      announce('info', message, [resume, changes]);
      break;
    case 'lock_lost':
      announce('error', `Step ${args.step}: ${lockWords(repository.locks.view, undefined, Date.now()).sentence}`, [
        resume,
        {
          title: 'Show Lock',
          run: () => vscode.commands.executeCommand(COMMANDS.lockShow, { folder: repository.project.top }),
        },
      ]);
      break;
    case 'agent_failed':
    case 'budget': {
      const failure =
        result.failure ?? (result.reason === 'budget' ? ({ kind: 'budget', agent: 'manual' } as const) : undefined);
      const helps = failure ? agentHelp(failure, repository.project.top, resume.run) : [];
      announce(result.reason === 'budget' ? 'warning' : 'error', message, [
        ...helps,
        resume,
        ...(helps.length > 0
          ? []
          : [
              {
                title: 'Show Log',
                run: () => {
                  services.log.show();
                },
              },
            ]),
      ]); // more than three are cut short
      break;
    }
    default:
      announce('warning', message, [
        call('Open Review', COMMANDS.stepOpenReview),
        changes,
        call('Continue', COMMANDS.stepLoop),
      ]);
  }
}
