import * as vscode from 'vscode';
import type { OperationProgress } from '../core/project';
import { elapsed } from '../core/util/duration';
import { joined } from './format';
import { plainText } from './plainText';

/** How a task reports its progress, and learns that the person cancelled. */
export interface Progress {
  readonly signal: AbortSignal;
  report(progress: OperationProgress): void;
}

/** Delay before the notification appears, so that short work shows none. In ms. */
const DELAY_MS = 400;

/**
 * Runs a task with a cancellable notification that shows the phase and the elapsed time. It appears after a delay and
 * closes when the task settles.
 * @param onReport receives every report too, for example for the log
 */
export async function withProgress<T>(
  title: string,
  onReport: (progress: OperationProgress) => void,
  task: (progress: Progress) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const started = Date.now();
  let phase = '';
  let show: (() => void) | undefined;
  const running = task({
    signal: abort.signal,
    report(progress) {
      onReport(progress);
      if (progress.message === phase || progress.message === '') return;
      phase = progress.message;
      show?.();
    },
  });

  const settled = running.then(
    () => true,
    () => true,
  );
  if (await Promise.race([settled, sleep(DELAY_MS)])) return running;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: plainText(title), cancellable: true },
    async (bar, token) => {
      token.onCancellationRequested(() => {
        abort.abort();
        phase = 'stopping';
        show?.();
      });
      show = () => {
        bar.report({ message: plainText(joined([phase, elapsed(Date.now() - started)])) });
      };
      show();
      const timer = setInterval(show, 1000);
      try {
        await settled;
      } finally {
        clearInterval(timer);
      }
    },
  );
  return running;
}

async function sleep(ms: number): Promise<false> {
  await new Promise((wake) => setTimeout(wake, ms));
  return false;
}
