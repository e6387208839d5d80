import * as path from 'node:path';
import type * as vscode from 'vscode';
import type { Services } from './commands/define';
import { registerCommands } from './commands/register';
import type { Programs } from './core/process/ports';
import { createLanguageClient, type LanguageService } from './lsp';
import { ChannelLog } from './platform/log';
import { OpenRecords } from './platform/openRecords';
import { Repositories } from './platform/repositories';
import { ContextKeys, Memory } from './platform/window';
import { EditorPerson } from './ui/person';
import { TreeFiles, VirtualDocuments } from './ui/virtualDocuments';
import { LockStatus } from './views/lockStatus';
import { Problems } from './views/problems';
import { offerResume } from './views/resume';
import { RunsTree } from './views/runsTree';
import { welcomeToSample } from './views/sampleWelcome';
import { updateWelcome } from './views/welcome';

/** What the extension exports: its live views and services, for tests. */
export interface Api {
  readonly runs: RunsTree;
  readonly lock: LockStatus;
  readonly repositories: Repositories;
  readonly language: LanguageService;
  /** Resolves when the work that activation started is done. */
  readonly ready: Promise<void>;
}

/** Time that programs have to end when the window closes, out of the editor's five seconds. In ms. */
const END_PROGRAMS_MS = 3000;
/** Maximum time to close: shortly after it the editor ends the extension host anyway. In ms. */
const CLOSE_MS = 4700;

/** Creates the services and connects them; no other file does. */
export class App {
  readonly api: Api;
  /** Undefined until a folder is opened. */
  private programs: Promise<Programs> | undefined;
  private readonly repositories: Repositories;

  constructor(context: vscode.ExtensionContext) {
    const log = new ChannelLog();
    const contexts = new ContextKeys();
    const memory = new Memory(context.workspaceState);
    const documents = new VirtualDocuments();
    const person = new EditorPerson(documents, contexts);
    const storage = context.globalStorageUri.fsPath;
    const supervisorPath = path.join(context.extensionPath, 'dist', 'supervisor.js');
    const programs = (): Promise<Programs> =>
      (this.programs ??= import('./core/process').then(({ createPrograms }) =>
        createPrograms({ log, storage, supervisorPath }),
      ));
    const repositories = new Repositories(programs, log, storage);
    this.repositories = repositories;
    const runs = new RunsTree(repositories);
    const lock = new LockStatus(repositories, contexts);
    const problems = new Problems(repositories, memory);
    const language = createLanguageClient({
      serverModule: path.join(context.extensionPath, 'dist', 'server.js'),
      storage,
    });
    const refresh = (): void => {
      runs.refresh();
      problems.refresh();
      void updateWelcome(repositories, contexts);
    };
    const services: Services = {
      repositories,
      programs,
      storage,
      log,
      memory,
      person,
      documents,
      refresh,
      onReport: () => {
        runs.refresh();
        problems.refresh(); // also while the view of runs is hidden
      },
      showMoreRuns: (top) => {
        runs.showMore(top);
      },
    };
    context.subscriptions.push(
      log,
      documents,
      person,
      repositories,
      runs,
      lock,
      problems,
      language,
      new OpenRecords(),
      new TreeFiles((top) => repositories.byPath(top)?.project),
      registerCommands(services),
      repositories.onDidChange(() => {
        void updateWelcome(repositories, contexts);
      }),
      repositories.onDidOpen((repository) => {
        context.subscriptions.push(
          repository.locks.onDidChange(() => {
            refresh();
          }),
          offerResume(repository, services),
        );
      }),
      runs.onDidChangeTreeData(() => {
        problems.refresh();
        void updateWelcome(repositories, contexts);
      }),
    );
    const ready = Promise.all([updateWelcome(repositories, contexts), lock.follow()]).then(() => undefined);
    void welcomeToSample(context.workspaceState);
    this.api = { runs, lock, repositories, language, ready };
  }

  /** Stops work and releases the locks. A lock whose programs survive stays: others must not write beside them. */
  async close(): Promise<void> {
    const { known } = this.repositories;
    for (const { locks } of known) locks.stop(); // first, so that no program's forced end counts as its result
    const gone = this.programs?.then((programs) => programs.endAll(END_PROGRAMS_MS)) ?? Promise.resolve(true);
    const closing = known.map(({ locks }) => locks.close(gone));
    await Promise.race([Promise.all(closing), new Promise((wake) => setTimeout(wake, CLOSE_MS))]);
  }
}
