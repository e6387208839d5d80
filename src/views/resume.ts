import * as vscode from 'vscode';
import type { Services } from '../commands/services';
import { listRunIds } from '../core/runs/list';
import { nextStep } from '../core/runs/nextStep';
import { COMMANDS } from '../ids';
import type { Repository } from '../platform/repositories';
import { settings } from '../platform/settings';
import { announce } from '../ui/messages';

/** After a reload or a crash: offers to go on with the step that was in progress. Nothing is resumed unasked. */
export async function offerResume({ project, locks }: Repository, { memory, log }: Pick<Services, 'memory' | 'log'>): Promise<void> {
  if (!settings.offerResume) return;
  try {
    const runId = memory.lastRun(project.top) ?? (await listRunIds(project))[0];
    if (runId === undefined) return;
    const view = await locks.look();
    if (view.kind !== 'free' && view.kind !== 'stale') return;
    const next = await nextStep(project, runId);
    if (next.kind !== 'step-loop' || !next.resume) return;
    announce('info', next.message, [{ title: 'Resume', run: () => vscode.commands.executeCommand(COMMANDS.stepLoop, { folder: project.top, runId, step: next.step, resume: true }) }]);
  } catch (error) {
    log.warn(`The last run could not be looked at: ${error instanceof Error ? error.message : String(error)}`);
  }
}
