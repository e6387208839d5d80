import * as vscode from 'vscode';
import * as z from 'zod';
import { parseRunId, type RunId } from '../core/artifacts/runIds';
import { IssuesFileSchema, StatusSchema } from '../core/artifacts/schemas';
import { readRecord } from '../core/artifacts/store';
import type { Operation } from '../core/project';
import { CHECKS, foundWords } from '../core/steps/conditions/judgeCondition';
import { resolveStep } from '../core/steps/resolveStep';
import { iterationNumbers } from '../core/steps/stepProgress';
import { type WaiveRequest, waiveIssue } from '../core/steps/waive';
import { WeldError } from '../core/util/errors';
import { COMMANDS } from '../ids';
import { joined } from '../ui/format';
import { announce } from '../ui/messages';
import { askText } from '../ui/pick';
import { askStep } from './askFor';
import { type Command, type Context, changingCommand } from './define';
import { iteration, runId, step } from './input';
import { stepLoop } from './step/loop';

interface Given {
  readonly runId?: string | undefined;
  readonly step?: number | undefined;
  readonly iteration?: number | undefined;
  readonly issue?: string | undefined;
}

/**
 * Finds an open issue: the given one, or one of the latest iteration that the person picks.
 * @throws WeldError `ISSUE_NOT_FOUND` when there is no open issue
 */
export async function askIssue(
  context: Context,
  given: Given,
): Promise<{ runId: string; step: number; iteration?: number; issue: string } | undefined> {
  const at = await askStep(context, { runId: given.runId, step: given.step }, 'Waive Issue');
  if (!at) return undefined;
  if (given.issue !== undefined)
    return {
      runId: at.runId,
      step: at.step,
      issue: given.issue,
      ...(given.iteration !== undefined && { iteration: given.iteration }),
    };
  const step = await resolveStep(context.repository.project, parseRunId(at.runId), at.step);
  const iteration = given.iteration ?? (await iterationNumbers(step)).at(-1);
  const file =
    iteration === undefined ? null : await readRecord(step.paths.iteration(iteration).issues, IssuesFileSchema);
  const open = (file?.issues ?? []).flatMap((issue) =>
    issue.id === undefined || issue.waived
      ? []
      : [
          {
            label: issue.hint,
            description: joined([issue.severity, issue.file]),
            id: issue.id,
          },
        ],
  );
  const status =
    iteration === undefined
      ? null
      : await readRecord(step.paths.iteration(iteration).status, StatusSchema).catch(() => null);
  const conditions = (status?.gate ?? []).flatMap(({ condition, found, ok, waived }) =>
    found === undefined || found.length === 0 || waived
      ? []
      : [
          {
            label: `${condition}: ${foundWords(found)}`,
            description: ok ? 'warning' : 'condition of the gate',
            id: condition,
          },
        ],
  );
  open.push(...conditions);
  if (iteration === undefined || open.length === 0)
    throw new WeldError('ISSUE_NOT_FOUND', `The latest iteration of step ${at.step} has no open issue.`);
  const picked = await vscode.window.showQuickPick(open, {
    title: 'Weld: Waive Issue',
    placeHolder: `Which issue of step ${at.step}?`,
    matchOnDescription: true,
  });
  return picked && { runId: at.runId, step: at.step, iteration, issue: picked.id };
}

async function waive(
  operation: Operation,
  { runId, ...request }: Omit<WaiveRequest, 'run'> & { readonly runId: RunId },
): Promise<{ readonly iteration: number; readonly pass: boolean }> {
  const { iteration, pass } = await waiveIssue(operation, { run: runId, ...request });
  return { iteration, pass };
}

/** *Waive Issue*: the run records that the person accepts an issue, and why. The iteration's gate is then evaluated. */
export const issueWaive = changingCommand({
  id: COMMANDS.issueWaive,
  args: z.object({
    runId,
    step,
    iteration: iteration.optional(),
    issue: z.string().min(1),
    reason: z.string(),
    undo: z.boolean().optional(),
  }),
  ask: async (context, given) => {
    const at = await askIssue(context, given);
    if (!at) return undefined;
    const reason =
      given.reason ??
      (given.undo
        ? ''
        : await askText(
            'Waive Issue',
            'Why is it acceptable? The reason is kept with the run and appears in the commit.',
            'A waiver needs a reason.',
          ));
    return reason === undefined ? undefined : { ...given, ...at, reason };
  },
  lock: (args) => ({ runId: args.runId, operation: 'issue waive', step: args.step }),
  run: waive,
  done: (_context, args, { pass }) => {
    announce(
      'info',
      pass ? `Waived; step ${args.step} passes now.` : 'Waived; something else still keeps the step from passing.',
    );
  },
});

/** *Remove Waiver*: the issue counts again, and the iteration's gate is evaluated again. */
export const issueUnwaive = changingCommand({
  id: COMMANDS.issueUnwaive,
  args: z.object({ runId, step, iteration: iteration.optional(), issue: z.string().min(1) }),
  lock: (args) => ({ runId: args.runId, operation: 'issue waive', step: args.step }),
  run: (operation, args) => waive(operation, { ...args, reason: '', undo: true }),
  done: (_context, args, { pass }) => {
    announce(
      'info',
      pass ? 'The issue counts again.' : `The issue counts again; step ${args.step} does not pass with it.`,
    );
  },
});

/** *Fix in Next Iteration*: the loop continues; its fix prompt contains every open issue of the latest iteration. */
export const issueFix: Command = { ...stepLoop, id: COMMANDS.issueFix };

/**
 * *Accept as Known*: exactly these failures of an iteration's checks count as passed for the rest of the run.
 * The iteration's gate is evaluated again. *Remove Waiver* undoes it, with `checks_passed` as the issue.
 */
export const acceptKnown = changingCommand({
  id: COMMANDS.checkAcceptKnown,
  args: z.object({ runId, step, iteration: iteration.optional(), reason: z.string(), undo: z.boolean().optional() }),
  ask: async (context, given) => {
    const at = await askStep(context, given, 'Accept as Known');
    if (!at) return undefined;
    const reason =
      given.reason ??
      (given.undo
        ? ''
        : await askText(
            'Accept as Known',
            'Why are these failures acceptable? The reason applies to this run and only to these failures.',
            'Accepting a failure needs a reason.',
          ));
    return reason === undefined ? undefined : { ...given, ...at, reason };
  },
  lock: (args) => ({ runId: args.runId, operation: 'issue waive', step: args.step }),
  run: (operation, args) => waive(operation, { ...args, issue: CHECKS }),
  done: (_context, args, { pass }) => {
    announce(
      'info',
      pass
        ? `Accepted as known; step ${args.step} passes now.`
        : 'Accepted as known; something else still keeps the step from passing.',
    );
  },
});
