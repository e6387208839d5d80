import * as vscode from 'vscode';
import type { SpecFiles } from '../core/plan/specFiles';
import { CrashGuard } from './crashGuard';
import { documentSelector, PLANS_SECTION, planFiles } from './planFiles';
import type { LanguageClientSettings } from './quietClient';
import { ServerClient } from './serverClient';

/** Wait after a new folder, so that a burst of them causes one check. In ms. */
const SETTLE_MS = 250;

/** The client, as the rest of the extension and the tests see it. */
export interface LanguageService extends vscode.Disposable {
  /** Whether the server was started; ordinary Markdown does not start it. */
  readonly started: boolean;
  /** The id of the server's process while it runs. */
  readonly serverPid: number | undefined;
}

/**
 * Starts the language server when a plan, a text of a run or config.toml is open, and restarts it after a crash.
 * It only reads files, so it works in an untrusted workspace too.
 */
export function createLanguageClient(options: LanguageClientSettings): LanguageService {
  return new LazyClient(options);
}

class LazyClient implements LanguageService {
  private readonly log = vscode.window.createOutputChannel('Weld Language Server', { log: true });
  private readonly subscriptions: vscode.Disposable[];
  private specs: SpecFiles | undefined;
  private disposed = false;
  private readonly guard = new CrashGuard({
    warn: (message) => void vscode.window.showWarningMessage(message),
    fail: (message) => void vscode.window.showErrorMessage(message),
  });
  private client: ServerClient | undefined;
  private selector = documentSelector();
  private patterns = planFiles().join('\n');
  /** The end of a queue of starts and stops: a client cannot do both at the same time. */
  private queue: Promise<void> = Promise.resolve();
  private checking: Promise<void> | undefined;
  private again = false;

  constructor(private readonly options: LanguageClientSettings) {
    // A folder that appears with its contents causes one event, for the folder.
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
    this.enqueue(() => this.stop());
  }

  /** Checks once for runs that appear together, as in a checkout. During a check, the next one waits. */
  private considerSoon(): void {
    this.again = true;
    this.checking ??= (async () => {
      while (this.again) {
        this.again = false;
        await new Promise((wake) => setTimeout(wake, SETTLE_MS));
        await this.considerAll();
      }
      this.checking = undefined;
    })();
  }

  private considerAll(): Promise<void> {
    return this.consider(vscode.workspace.textDocuments);
  }

  /** Starts the server when it supports one of these documents. */
  private async consider(documents: readonly vscode.TextDocument[]): Promise<void> {
    if (!this.canStart) return;
    if (documents.some((document) => vscode.languages.match(this.selector, document) > 0)) {
      this.start();
      return;
    }
    // A specification is ordinary Markdown that a run names. A running server finds them itself.
    const files = documents
      .filter(({ uri, languageId }) => uri.scheme === 'file' && languageId === 'markdown')
      .map(({ uri }) => uri.fsPath);
    if (files.length === 0) return;
    const folders = (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath);
    const { SpecFiles, topWithRuns } = await import('../core/plan/specFiles');
    this.specs ??= new SpecFiles();
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
    this.enqueue(() => client.start());
  }

  private replace(dead: ServerClient): void {
    if (this.client === dead) this.client = undefined;
    const again = !this.disposed && this.guard.died();
    this.enqueue(() => dead.stop());
    if (again) this.start();
  }

  /** Replaces the client: the library reads the patterns of documents only when a client starts. */
  private settingsChanged(): void {
    const patterns = planFiles().join('\n');
    if (patterns === this.patterns) return;
    this.patterns = patterns;
    this.selector = documentSelector();
    this.enqueue(() => this.stop());
    this.enqueue(() => this.considerAll());
  }

  private async stop(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.stop();
  }

  private enqueue(work: () => Promise<void> | void): void {
    this.queue = this.queue.then(work).catch((error: unknown) => {
      try {
        this.log.error(error instanceof Error ? error : String(error));
      } catch {
        // The channel is disposed when the window closes; nobody can read it then.
      }
    });
  }
}
