import * as vscode from 'vscode';
import { type ErrorAction, type ErrorCode, reason, WeldError } from '../core/util/errors';
import type { Logger } from '../core/util/logger';
import { COMMANDS, type CommandId } from '../ids';
import { type Call, invoke } from '../platform/commands';

/** A button under a message, and what it does. */
export interface Choice {
  readonly title: string;
  readonly run: () => unknown;
}

/** A button that runs one of Weld's commands. */
export function button<K extends CommandId>(title: string, command: K, args?: Call<K>): Choice {
  return { title, run: () => invoke(command, args) };
}

/**
 * Shows a message with buttons and returns at once: a command's result does not wait for a notification to be closed.
 */
export function announce(kind: 'info' | 'warning' | 'error', text: string, choices: readonly Choice[] = []): void {
  const titles = choices.map((choice) => choice.title);
  const shown =
    kind === 'info'
      ? vscode.window.showInformationMessage(text, ...titles)
      : kind === 'warning'
        ? vscode.window.showWarningMessage(text, ...titles)
        : vscode.window.showErrorMessage(text, ...titles);
  shown
    .then((title) => choices.find((choice) => choice.title === title)?.run())
    .then(undefined, (error: unknown) => {
      const known = asWeldError(error);
      if (known.code !== 'CANCELLED') announce('error', known.message);
    });
}

/** An error as one sentence with the action that helps; being cancelled is quiet; the stack goes to the log. */
export function showError(log: Logger, error: unknown, more: readonly Choice[] = []): void {
  const known = asWeldError(error);
  if (known.code === 'CANCELLED') return;
  log.error(`${known.code}: ${known.message}`, known.code === 'INTERNAL' ? error : known.cause);
  const action = known.action ?? HELPS[known.code] ?? { title: 'Show Log', command: COMMANDS.showLog };
  announce('error', known.message, [...more, actionChoice(action)]);
}

/** What helps where the error itself does not say it; for the others that is the log. */
const HELPS: Partial<Record<ErrorCode, ErrorAction>> = {
  NO_PLAN: { title: 'Generate Plan', command: COMMANDS.planGenerate },
  NO_STEPS: { title: 'Import Plan…', command: COMMANDS.planImport },
  STEP_NOT_SELECTED: { title: 'Select Step', command: COMMANDS.stepSelect },
  STEP_NOT_PASSED: { title: 'Run Step Loop', command: COMMANDS.stepLoop },
  RUN_NOT_FOUND: { title: 'Refresh', command: COMMANDS.refresh },
  CONFIG_INVALID: { title: 'Open Configuration', command: COMMANDS.openConfig },
  PROGRAM_MISSING: { title: 'Check Setup', command: COMMANDS.doctor },
  NOT_WRITABLE: { title: 'Check Setup', command: COMMANDS.doctor },
  GIT_MISSING: { title: 'Check Setup', command: COMMANDS.doctor },
  UNSAFE_REPOSITORY: { title: 'Check Setup', command: COMMANDS.doctor },
  NOT_A_REPOSITORY: { title: 'Initialize Git Repository', command: 'git.init' },
  LOCK_LOST: { title: 'Show Lock', command: COMMANDS.lockShow },
  LOCK_UNREADABLE: { title: 'Show Lock', command: COMMANDS.lockShow },
  LOCK_TOKEN_CHANGED: { title: 'Show Lock', command: COMMANDS.lockShow },
};

/** Whatever was thrown, as an error with a code. */
export function asWeldError(error: unknown): WeldError {
  if (error instanceof WeldError) return error;
  if (error instanceof Error && (error.name === 'AbortError' || error instanceof vscode.CancellationError))
    return new WeldError('CANCELLED', 'Cancelled.', { cause: error });
  return new WeldError('INTERNAL', `Internal error (${reason(error)}); the log has the details.`, { cause: error });
}

function actionChoice(action: ErrorAction): Choice {
  return { title: action.title, run: () => vscode.commands.executeCommand(action.command, ...(action.args ?? [])) };
}
