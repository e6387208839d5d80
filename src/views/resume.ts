import type * as vscode from 'vscode';
import type { Services } from '../commands/define';
import { parseRunId, type RunId } from '../core/artifacts/runIds';
import { reason } from '../core/util/errors';
import { COMMANDS } from '../ids';
import { button } from '../platform/invoke';
import type { LockView } from '../platform/lockService';
import type { Repository } from '../platform/repositories';
import { settings } from '../platform/window';
import { announce } from '../ui/messages';

/**
 * Offers to continue an interrupted step: when a repository opens, for example after a reload or a crash of this
 * window, and when another process has released the lock or died with it. It never resumes a step by itself, and
 * offers each iteration only once.
 */
export function offerResume(
  { project, locks, runs }: Repository,
  { memory, log }: Pick<Services, 'memory' | 'log'>,
): vscode.Disposable {
  const offered = new Set<string>();
  const offer = async (worked?: string): Promise<void> => {
    if (!settings.offerResume) return;
    try {
      const runId = worked === undefined ? (memory.lastRun(project.top) ?? (await runs.ids())[0]) : parseRunId(worked);
      if (runId === undefined || !isFree(await locks.look())) return;
      // Loaded here, because most windows have no run to resume.
      const { nextStep } = await import('../core/runs/nextStep');
      const next = await nextStep(project, runId);
      if (next.kind !== 'step-loop' || !next.resume) return;
      const iteration = `${runId} ${next.step} ${await latestIteration(runId, next.step)}`;
      if (offered.has(iteration)) return;
      offered.add(iteration);
      announce('info', next.message, [
        button('Continue', COMMANDS.stepLoop, { folder: project.top, runId, step: next.step, resume: true }),
      ]);
    } catch (error) {
      log.warn(`The last run could not be read: ${reason(error)}`);
    }
  };
  const latestIteration = async (runId: RunId, step: number): Promise<number> =>
    (await (await import('../core/steps/state/read')).readStepState(project, runId, step)).iterations.at(-1)?.n ?? 0;

  let before = locks.view;
  void offer();
  return locks.onDidChange((view) => {
    if (before.kind === 'held' && before.where !== 'here' && isFree(view)) void offer(before.holder.run_id);
    before = view;
  });
}

const isFree = ({ kind }: LockView): boolean => kind === 'free' || kind === 'stale';
