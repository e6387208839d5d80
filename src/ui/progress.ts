import * as vscode from 'vscode';
import type { OperationProgress } from '../core/project';

/** What a task shows while it runs and how it learns that the person gave up. */
export interface Progress {
  readonly signal: AbortSignal;
  report(progress: OperationProgress): void;
}

/** Shorter work than this shows nothing, so that nothing flashes. In ms. */
const DELAY_MS = 400;

/**
 * Runs a task with a cancellable notification that names the phase and the time elapsed; it appears late and always ends.
 * @param onReport sees every report too, such as the log
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

  const settled = running.then(() => true, () => true);
  if (await Promise.race([settled, sleep(DELAY_MS)])) return await running;
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (bar, token) => {
    token.onCancellationRequested(() => {
      abort.abort();
      phase = 'stopping';
      show?.();
    });
    show = () => { bar.report({ message: [phase, elapsed(Date.now() - started)].filter((part) => part !== '').join(' · ') }); };
    show();
    const ticking = setInterval(show, 1000);
    try {
      await settled;
    } finally {
      clearInterval(ticking);
    }
  });
  return await running;
}

/** @param ms a duration @returns it in words, exact to the second: "45 s", "3 min 5 s", "2 h 10 min" */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

async function sleep(ms: number): Promise<false> {
  await new Promise((wake) => setTimeout(wake, ms));
  return false;
}
