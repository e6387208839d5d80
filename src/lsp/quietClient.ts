import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { PLANS_SECTION } from './planFiles';

export interface LanguageClientSettings {
  /** Absolute path of `dist/server.js`. */
  readonly serverModule: string;
  /** The extension's own folder, which contains the seals of runs. */
  readonly storage: string;
}

export interface ServerClientSettings extends LanguageClientSettings {
  readonly documentSelector: { scheme: string; pattern: string }[];
  readonly log: vscode.LogOutputChannel;
  /** Called once when the server ends without being asked to, or cannot start. */
  readonly onDeath: () => void;
}

/** The library's client. The only file that imports the library, so that it is loaded with the first plan. */
export class QuietClient extends LanguageClient {
  /** @param onClosed called when the connection to the server ends */
  constructor(settings: ServerClientSettings, onClosed: () => void) {
    const server = { module: settings.serverModule, transport: TransportKind.ipc };
    super(
      'weld.languageServer',
      'Weld Language Server',
      { run: server, debug: server },
      {
        documentSelector: settings.documentSelector,
        outputChannel: settings.log,
        diagnosticCollectionName: 'weld.plans',
        initializationOptions: {
          settings: vscode.workspace.getConfiguration(PLANS_SECTION),
          commands: true,
          storage: settings.storage,
        },
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue }),
          // The library's own restart gives up when a server crashes during its start.
          closed: () => {
            onClosed();
            return { action: CloseAction.DoNotRestart, handled: true };
          },
        },
        initializationFailedHandler: () => false,
      },
    );
  }

  /** The id of the server's process while it runs. */
  get pid(): number | undefined {
    // The library keeps the process private, but tests must be able to kill it.
    return (this as unknown as { _serverProcess?: { pid?: number } })._serverProcess?.pid;
  }

  /** Shows no message for each failed start, unlike the library: `CrashGuard` tells the person, the log has details. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}
