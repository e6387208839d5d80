import * as vscode from 'vscode';
import { CloseAction, ErrorAction, type CloseHandlerResult, type ErrorHandler, type ErrorHandlerResult } from 'vscode-languageclient/node';

/** So many deaths within this time are no accident. In ms. */
const LIMIT = 4;
const WITHIN_MS = 3 * 60_000;

/** Lets a server that died be started again, up to a limit; a person hears of it once, and once more when it is given up. */
export class CrashGuard implements ErrorHandler {
  private readonly deaths: number[] = [];
  private said = false;

  /** @param onGivenUp takes back what the server had reported, because nobody corrects it any more */
  constructor(private readonly onGivenUp: () => void, private readonly now: () => number = Date.now) {}

  error(): ErrorHandlerResult {
    return { action: ErrorAction.Continue };
  }

  closed(): CloseHandlerResult {
    this.deaths.push(this.now());
    while ((this.deaths[0] ?? Infinity) < this.now() - WITHIN_MS) this.deaths.shift();
    if (this.deaths.length > LIMIT) {
      this.onGivenUp();
      void vscode.window.showErrorMessage('The Weld language server stopped again and again and stays off; reload the window to try once more. The log "Weld Language Server" says why.');
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    if (!this.said) {
      this.said = true;
      void vscode.window.showWarningMessage('The Weld language server stopped unexpectedly and was started again.');
    }
    return { action: CloseAction.Restart, handled: true };
  }
}
