import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  TransportKind,
} from 'vscode-languageclient/node';

/** Time after which a server that does not stop by itself is killed. In ms. */
const STOP_MS = 2_000;

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

/** A client for one process of the server. After a crash, a new client replaces it. */
export class ServerClient {
  private readonly client: QuietClient;
  private ended = false;

  constructor(private readonly settings: ServerClientSettings) {
    const options: LanguageClientOptions = {
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
          this.died();
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      initializationFailedHandler: () => false,
    };
    const server = { module: settings.serverModule, transport: TransportKind.ipc };
    this.client = new QuietClient(
      'weld.languageServer',
      'Weld Language Server',
      { run: server, debug: server },
      options,
    );
  }

  /** The id of the server's process while it runs. */
  get pid(): number | undefined {
    // The library keeps the process private, but tests must be able to kill it.
    return (this.client as unknown as { _serverProcess?: { pid?: number } })._serverProcess?.pid;
  }

  async start(): Promise<void> {
    try {
      await this.client.start();
    } catch (error) {
      this.settings.log.error(error instanceof Error ? error : String(error));
      this.died();
    }
  }

  /** Stops the server cleanly and removes its diagnostics. */
  async stop(): Promise<void> {
    this.ended = true;
    this.client.diagnostics?.clear();
    // A client whose server never started rejects, although there is nothing to stop.
    await this.client.dispose(STOP_MS).catch(() => undefined);
  }

  private died(): void {
    if (this.ended) return;
    this.ended = true;
    this.client.diagnostics?.clear();
    this.settings.onDeath();
  }
}

/** Shows no message for each failed start, unlike the library: `CrashGuard` tells the person, the log has details. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** The section of the settings for plans, `weld.plans.*`. */
export const PLANS_SECTION = 'weld.plans';

/** Globs of the Markdown files outside of `.weld` that are plans. */
export function planFiles(): readonly string[] {
  const patterns: unknown = vscode.workspace.getConfiguration(PLANS_SECTION).get('planFiles');
  return Array.isArray(patterns)
    ? patterns.filter((pattern): pattern is string => typeof pattern === 'string' && pattern !== '')
    : ['**/*.plan.md'];
}

/** The documents that the server supports. Ordinary Markdown is not among them and does not start it. */
export function documentSelector(): { scheme: string; pattern: string }[] {
  const own = ['**/.weld/runs/*/plan/*.md', '**/.weld/runs/*/research/*.md', '**/.weld/config.toml'];
  return [...own, ...planFiles()].map((pattern) => ({
    scheme: 'file',
    pattern: pattern.startsWith('/') || pattern.startsWith('**') ? pattern : `**/${pattern}`,
  }));
}
