import * as vscode from 'vscode';
import { SpecFiles, topWithRuns } from '../core/plan';
import { CrashGuard } from './crashGuard';
import { documentSelector, PLANS_SECTION, planFiles } from './documents';
import { ServerClient } from './serverClient';

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
  private readonly specs = new SpecFiles();
  private disposed = false;
  private readonly guard = new CrashGuard();
  private client: ServerClient | undefined;
  private selector = documentSelector();
  private patterns = planFiles().join('\n');
  /** One change at a time: a client can neither start nor stop while it does the other. */
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly serverModule: string) {
    // A folder that comes with all that is in it is one event, for the folder.
    const runs = vscode.workspace.createFileSystemWatcher('**/.weld{,/runs,/runs/*}', false, true, true);
    this.subscriptions = [
      this.log, runs,
      runs.onDidCreate(() => { this.considerAll(); }),
      vscode.workspace.onDidOpenTextDocument((document) => { this.consider(document); }),
      vscode.workspace.onDidChangeConfiguration((event) => { if (event.affectsConfiguration(PLANS_SECTION)) this.settingsChanged(); }),
    ];
    this.considerAll();
  }

  get started(): boolean { return this.client !== undefined; }

  get serverPid(): number | undefined { return this.client?.pid; }

  dispose(): void {
    this.disposed = true;
    for (const one of this.subscriptions) one.dispose();
    this.inTurn(() => this.stop());
  }

  private considerAll(): void {
    for (const document of vscode.workspace.textDocuments) this.consider(document);
  }

  private consider(document: vscode.TextDocument): void {
    if (this.client !== undefined) return;
    if (vscode.languages.match(this.selector, document) > 0) this.start();
    else if (document.uri.scheme === 'file' && document.languageId === 'markdown') void this.startForSpec(document.uri.fsPath);
  }

  /** Specifications of runs stand among ordinary Markdown; a server that runs finds them by itself. */
  private async startForSpec(file: string): Promise<void> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
    const tops = new Set(await Promise.all([file, ...folders].map(topWithRuns)));
    for (const top of tops) if (top !== null && (await this.specs.read(top)).has(file)) this.start();
  }

  private start(): void {
    if (this.client !== undefined || this.disposed || this.guard.givenUp) return;
    const client = new ServerClient({ serverModule: this.serverModule, documentSelector: this.selector, log: this.log, onDeath: () => { this.replace(client); } });
    this.client = client;
    this.inTurn(() => client.start());
  }

  private replace(dead: ServerClient): void {
    if (this.client === dead) this.client = undefined;
    const again = !this.disposed && this.guard.died();
    this.inTurn(() => dead.stop());
    if (again) this.start();
  }

  /** The patterns say which documents the library hands on, so a client with others takes over. */
  private settingsChanged(): void {
    const patterns = planFiles().join('\n');
    if (patterns === this.patterns) return;
    this.patterns = patterns;
    this.selector = documentSelector();
    this.inTurn(() => this.stop());
    this.inTurn(() => { this.considerAll(); });
  }

  private async stop(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.stop();
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
