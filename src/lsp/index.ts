import * as vscode from 'vscode';
import { SpecFiles, topWithRuns } from '../core/plan';
import { CrashGuard } from './crashGuard';
import { documentSelector, PLANS_SECTION, planFiles, ServerClient } from './serverClient';

/** A burst of new folders is one look. In ms. */
const SETTLE_MS = 250;

export interface LanguageClientSettings {
  /** Absolute path of `dist/server.js`. */
  readonly serverModule: string;
  /** The extension's own folder, where the seals of runs stand. */
  readonly storage: string;
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
  return new LazyClient(options);
}

class LazyClient implements LanguageService {
  private readonly log = vscode.window.createOutputChannel('Weld Language Server', { log: true });
  private readonly subscriptions: vscode.Disposable[];
  private readonly specs = new SpecFiles();
  private disposed = false;
  private readonly guard = new CrashGuard({
    warn: (message) => void vscode.window.showWarningMessage(message),
    fail: (message) => void vscode.window.showErrorMessage(message),
  });
  private client: ServerClient | undefined;
  private selector = documentSelector();
  private patterns = planFiles().join('\n');
  /** One change at a time: a client can neither start nor stop while it does the other. */
  private turn: Promise<void> = Promise.resolve();
  private looking: Promise<void> | undefined;
  private again = false;

  constructor(private readonly options: LanguageClientSettings) {
    // A folder that comes with all that is in it is one event, for the folder.
    const runs = vscode.workspace.createFileSystemWatcher('**/.weld{,/runs,/runs/*}', false, true, true);
    this.subscriptions = [
      this.log,
      runs,
      runs.onDidCreate(() => {
        this.considerSoon();
      }),
      vscode.workspace.onDidOpenTextDocument((document) => void this.consider([document])),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(PLANS_SECTION)) this.settingsChanged();
      }),
    ];
    void this.considerAll();
  }

  get started(): boolean {
    return this.client !== undefined;
  }

  get serverPid(): number | undefined {
    return this.client?.pid;
  }

  dispose(): void {
    this.disposed = true;
    for (const one of this.subscriptions) one.dispose();
    this.inTurn(() => this.stop());
  }

  /** Runs that come together, as in a checkout, are one look; while one goes on, the next waits. */
  private considerSoon(): void {
    this.again = true;
    this.looking ??= (async () => {
      while (this.again) {
        this.again = false;
        await new Promise((wake) => setTimeout(wake, SETTLE_MS));
        await this.considerAll();
      }
      this.looking = undefined;
    })();
  }

  private considerAll(): Promise<void> {
    return this.consider(vscode.workspace.textDocuments);
  }

  /** Starts the server when one of these is for it. */
  private async consider(documents: readonly vscode.TextDocument[]): Promise<void> {
    if (!this.canStart) return;
    if (documents.some((document) => vscode.languages.match(this.selector, document) > 0)) {
      this.start();
      return;
    }
    // Specifications of runs stand among ordinary Markdown; a server that runs finds them by itself.
    const files = documents
      .filter(({ uri, languageId }) => uri.scheme === 'file' && languageId === 'markdown')
      .map(({ uri }) => uri.fsPath);
    if (files.length === 0) return;
    const folders = (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath);
    const tops = new Set(await Promise.all([...files, ...folders].map(topWithRuns)));
    for (const top of tops) {
      const specs = top === null ? null : await this.specs.read(top);
      if (files.some((file) => specs?.has(file))) this.start();
    }
  }

  private get canStart(): boolean {
    return this.client === undefined && !this.disposed && !this.guard.givenUp;
  }

  private start(): void {
    if (!this.canStart) return;
    const client = new ServerClient({
      ...this.options,
      documentSelector: this.selector,
      log: this.log,
      onDeath: () => {
        this.replace(client);
      },
    });
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
    this.inTurn(() => this.considerAll());
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
