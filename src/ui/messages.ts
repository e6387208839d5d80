import * as vscode from 'vscode';
import { type ErrorCode, reason, WeldError } from '../core/util/errors';
import type { Logger } from '../core/util/logger';
import { COMMANDS } from '../ids';
import { button, type Choice, ErrorWithChoice } from '../platform/invoke';
import { plainText } from './plainText';

/** Shows a message with buttons and returns at once: a command must not wait until the person closes a notification. */
export function announce(kind: 'info' | 'warning' | 'error', text: string, choices: readonly Choice[] = []): void {
  const words = plainText(text);
  const titles = choices.map((choice) => choice.title);
  const shown =
    kind === 'info'
      ? vscode.window.showInformationMessage(words, ...titles)
      : kind === 'warning'
        ? vscode.window.showWarningMessage(words, ...titles)
        : vscode.window.showErrorMessage(words, ...titles);
  shown
    .then((title) => choices.find((choice) => choice.title === title)?.run())
    .then(undefined, (error: unknown) => {
      const known = asWeldError(error);
      if (known.code !== 'CANCELLED') announce('error', known.message);
    });
}

/** Shows an error as one sentence with its button. A cancelled command shows nothing; the stack goes to the log. */
export function showError(log: Logger, error: unknown, more: readonly Choice[] = []): void {
  const known = asWeldError(error);
  if (known.code === 'CANCELLED') return;
  log.error(`${known.code}: ${known.message}`, known.code === 'INTERNAL' ? error : known.cause);
  const choice =
    known instanceof ErrorWithChoice
      ? known.choice
      : (ERROR_BUTTONS[known.code] ?? button('Show Log', COMMANDS.showLog));
  announce('error', known.message, [...more, choice]);
}

/** The button that helps after an error. A code without an entry offers the log. */
const ERROR_BUTTONS: Partial<Record<ErrorCode, Choice>> = {
  NO_PLAN: button('Generate Plan', COMMANDS.planGenerate),
  NO_STEPS: button('Import Plan…', COMMANDS.planImport),
  STEP_NOT_SELECTED: button('Select Step', COMMANDS.stepSelect),
  STEP_NOT_PASSED: button('Run Step Loop', COMMANDS.stepLoop),
  RUN_NOT_FOUND: button('Refresh', COMMANDS.refresh),
  CONFIG_INVALID: button('Open Configuration', COMMANDS.openConfig),
  PROGRAM_MISSING: button('Check Setup', COMMANDS.doctor),
  NOT_WRITABLE: button('Check Setup', COMMANDS.doctor),
  GIT_MISSING: button('Check Setup', COMMANDS.doctor),
  UNSAFE_REPOSITORY: button('Check Setup', COMMANDS.doctor),
  NOT_A_REPOSITORY: {
    title: 'Initialize Git Repository',
    run: () => vscode.commands.executeCommand('git.init'),
  },
  UNTRUSTED: {
    title: 'Manage Workspace Trust',
    run: () => vscode.commands.executeCommand('workbench.trust.manage'),
  },
  LOCK_HELD: button('Show Lock', COMMANDS.lockShow),
  LOCK_LOST: button('Show Lock', COMMANDS.lockShow),
  LOCK_UNREADABLE: button('Show Lock', COMMANDS.lockShow),
  LOCK_TOKEN_CHANGED: button('Show Lock', COMMANDS.lockShow),
};

/** Turns any thrown value into an error with a code. */
export function asWeldError(error: unknown): WeldError {
  if (error instanceof WeldError) return error;
  if (error instanceof Error && (error.name === 'AbortError' || error instanceof vscode.CancellationError))
    return new WeldError('CANCELLED', 'Cancelled.', { cause: error });
  return new WeldError('INTERNAL', `Internal error (${reason(error)}); the log has the details.`, { cause: error });
}
