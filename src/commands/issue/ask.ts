import * as vscode from 'vscode';
import { parseRunId } from '../../core/artifacts/ids';
import { IssuesFileSchema, StatusSchema } from '../../core/artifacts/schemas';
import { readRecord } from '../../core/artifacts/store';
import { WeldError } from '../../core/errors';
import { foundWords } from '../../core/steps/conditions/notes';
import { iterationNumbers } from '../../core/steps/progress';
import { resolveStep } from '../../core/steps/resolve';
import { askStep } from '../ask';
import type { Context } from '../define';

interface Given {
  readonly runId?: string | undefined;
  readonly step?: number | undefined;
  readonly iteration?: number | undefined;
  readonly issue?: string | undefined;
}

/**
 * Finds an open issue: the one that was named, or one of the latest iteration that the person picks. @throws WeldError
 * `ISSUE_NOT_FOUND` when there is none
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
            description: [issue.severity, issue.file].filter((part) => part !== '').join(' · '),
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
