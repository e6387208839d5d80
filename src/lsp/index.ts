import * as vscode from 'vscode';
import { LanguageClient, TransportKind, type LanguageClientOptions } from 'vscode-languageclient/node';
import { CrashGuard } from './crashGuard';
import { documentSelector, PLANS_SECTION, planFiles } from './documents';

export interface LanguageClientSettings {
  /** Absolute path of `dist/server.js`. */
  readonly serverModule: string;
}

/** What the rest of the extension and tests see of the client. */
export interface LanguageService extends vscode.Disposable {
  /** Whether the server has been started; it is not for ordinary Markdown. */
  readonly started: boolean;
  /** The server's process, while it lives. */
  readonly serverPid: number | undefined;
}

/**
 * Starts the language server once a plan, text of a run or config.toml is open, and again when it dies.
 * It only reads files, so it works in an untrusted workspace too.
 */
export function createLanguageClient(options: LanguageClientSettings): LanguageService {
  return new LazyClient(options.serverModule);
}

class LazyClient implements LanguageService {
  private readonly log = vscode.window.createOutputChannel('Weld Language Server', { log: true });
  private readonly subscriptions: vscode.Disposable[];
  private client: LanguageClient | undefined;
  private selector = documentSelector();
  private patterns = planFiles().join('\n');
  /** One change at a time: a client can neither start nor stop while it does the other. */
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly serverModule: string) {
    this.subscriptions = [
      this.log,
      vscode.workspace.onDidOpenTextDocument((document) => { this.consider(document); }),
      vscode.workspace.onDidChangeConfiguration((event) => { if (event.affectsConfiguration(PLANS_SECTION)) this.settingsChanged(); }),
    ];
    for (const document of vscode.workspace.textDocuments) this.consider(document);
  }

  get started(): boolean { return this.client !== undefined; }

  get serverPid(): number | undefined {
    // The library keeps the process to itself, and tests have to be able to kill it.
    return (this.client as unknown as { _serverProcess?: { pid?: number } } | undefined)?._serverProcess?.pid;
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
    this.inTurn(() => this.stop());
  }

  private consider(document: vscode.TextDocument): void {
    if (this.client !== undefined || vscode.languages.match(this.selector, document) === 0) return;
    this.client = this.create();
    const { client } = this;
    this.inTurn(() => client.start());
  }

  /** The patterns say which documents the library hands on, so a client with others takes over. */
  private settingsChanged(): void {
    const patterns = planFiles().join('\n');
    if (patterns === this.patterns) return;
    this.patterns = patterns;
    this.selector = documentSelector();
    this.inTurn(() => this.stop());
    this.inTurn(() => { for (const document of vscode.workspace.textDocuments) this.consider(document); });
  }

  private create(): LanguageClient {
    const guard = new CrashGuard(() => { this.client?.diagnostics?.clear(); });
    const options: LanguageClientOptions = {
      documentSelector: this.selector,
      outputChannel: this.log,
      diagnosticCollectionName: 'weld.plans',
      initializationOptions: { settings: vscode.workspace.getConfiguration(PLANS_SECTION) },
      errorHandler: guard,
      initializationFailedHandler: () => false,
    };
    const server = { module: this.serverModule, transport: TransportKind.ipc };
    return new LanguageClient('weld.languageServer', 'Weld Language Server', { run: server, debug: server }, options);
  }

  private async stop(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.dispose(2_000);
  }

  private inTurn(work: () => Promise<void> | void): void {
    this.turn = this.turn.then(work).catch((error: unknown) => {
      try {
        this.log.error(error instanceof Error ? error : String(error));
      } catch {
        // The channel is gone when the window closes; so is whoever would read it.
      }
    });
  }
}
