import * as vscode from 'vscode';
import type { RunId } from '../../core/artifacts/ids';
import { COMMANDS } from '../../ids';
import { announce } from '../../ui/messages';
import { counted } from '../../ui/words';
import type { Context } from '../define';

/** Says how many steps a plan has, and offers what comes next. */
export function announcePlan(
  { repository, services }: Context,
  runId: RunId,
  plan: { readonly steps: number; readonly warnings: readonly string[] },
): void {
  const { top } = repository.project;
  const call = (id: string) => (): unknown => vscode.commands.executeCommand(id, { folder: top, runId });
  const warned = plan.warnings.length > 0;
  for (const warning of plan.warnings) services.log.warn(`plan: ${warning}`);
  announce(
    warned ? 'warning' : 'info',
    `The plan has ${counted(plan.steps, 'step')}${warned ? ` and ${counted(plan.warnings.length, 'warning')}: ` + `${plan.warnings[0] ?? ''}` : '.'}`,
    [
      { title: 'Review Plan', run: call(COMMANDS.planReview) },
      { title: 'Run Step 1', run: () => vscode.commands.executeCommand(COMMANDS.runContinue, { folder: top, runId }) },
      ...(warned
        ? [
            {
              title: 'Show Log',
              run: () => {
                services.log.show();
              },
            },
          ]
        : []),
    ],
  );
}
