import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  TransportKind,
} from 'vscode-languageclient/node';

/** Ends a server that does not end by itself. In ms. */
const STOP_MS = 2_000;

export interface ServerClientSettings {
  /** Absolute path of `dist/server.js`. */
  readonly serverModule: string;
  readonly documentSelector: { scheme: string; pattern: string }[];
  /** The extension's own folder, where the seals of runs stand. */
  readonly storage: string;
  readonly log: vscode.LogOutputChannel;
  /** Called once, when the server ends or cannot be started, and was not asked to end. */
  readonly onDeath: () => void;
}

/** One life of the server: after its death another client takes over. */
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
        // The library's own restart gives up when a server dies while it starts.
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

  /** The server's process, while it lives. */
  get pid(): number | undefined {
    // The library keeps the process to itself, and tests have to be able to kill it.
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

  /** Ends the server in order and takes back what it had reported. */
  async stop(): Promise<void> {
    this.ended = true;
    this.client.diagnostics?.clear();
    // A client whose server never came up has nothing to stop, and says so.
    await this.client.dispose(STOP_MS).catch(() => undefined);
  }

  private died(): void {
    if (this.ended) return;
    this.ended = true;
    this.client.diagnostics?.clear();
    this.settings.onDeath();
  }
}

/** The library would show a message for each failed start; the guard says once what matters, the log has the rest. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** The settings of plans, `weld.plans.*`. */
export const PLANS_SECTION = 'weld.plans';

/** Which Markdown files outside of `.weld` are plans, as globs. */
export function planFiles(): readonly string[] {
  const patterns: unknown = vscode.workspace.getConfiguration(PLANS_SECTION).get('planFiles');
  return Array.isArray(patterns)
    ? patterns.filter((pattern): pattern is string => typeof pattern === 'string' && pattern !== '')
    : ['**/*.plan.md'];
}

/** The documents that the server is for: ordinary Markdown is none, and does not even start it. */
export function documentSelector(): { scheme: string; pattern: string }[] {
  const own = ['**/.weld/runs/*/plan/*.md', '**/.weld/runs/*/research/*.md', '**/.weld/config.toml'];
  return [...own, ...planFiles()].map((pattern) => ({
    scheme: 'file',
    pattern: pattern.startsWith('/') || pattern.startsWith('**') ? pattern : `**/${pattern}`,
  }));
}
