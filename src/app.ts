import * as path from 'node:path';
import type * as vscode from 'vscode';
import { allCommands, registerCommands } from './commands/all';
import type { Services } from './commands/define';
import { createPrograms } from './core/process';
import type { Programs } from './core/process/ports';
import { createLanguageClient, type LanguageService } from './lsp';
import { ChannelLog } from './platform/log';
import { Repositories } from './platform/repositories';
import { ContextKeys, Memory } from './platform/window';
import { EditorPerson } from './ui/person';
import { TreeFiles, VirtualDocuments } from './ui/virtualDocuments';
import { LockStatus } from './views/lockStatus';
import { Problems } from './views/problems';
import { offerResume } from './views/resume';
import { RunsTree } from './views/runsTree';
import { updateWelcome } from './views/welcome';

/** What the extension exports: its views as they are, for tests and for looking at. */
export interface Api {
  readonly runs: RunsTree;
  readonly lock: LockStatus;
  readonly repositories: Repositories;
  readonly language: LanguageService;
  /** Resolves when what activation began has come to its end. */
  readonly ready: Promise<void>;
}

/** Programs get this long to end when the window closes, of the five seconds that the editor gives. In ms. */
const END_MS = 3000;
/** After this the editor would end the extension host anyway. In ms. */
const CLOSE_MS = 4700;

/** Wires the services; nothing else knows how they belong together. */
export class App {
  readonly api: Api;
  private readonly programs: Programs;
  private readonly repositories: Repositories;

  constructor(context: vscode.ExtensionContext) {
    const log = new ChannelLog();
    const contexts = new ContextKeys();
    const memory = new Memory(context.workspaceState);
    const documents = new VirtualDocuments();
    const person = new EditorPerson(documents, contexts);
    this.programs = createPrograms({
      log,
      storage: context.globalStorageUri.fsPath,
      supervisorPath: path.join(context.extensionPath, 'dist', 'supervisor.js'),
    });
    const repositories = new Repositories(this.programs, log, context.globalStorageUri.fsPath);
    this.repositories = repositories;
    const runs = new RunsTree(repositories);
    const lock = new LockStatus(repositories, contexts);
    const problems = new Problems(repositories, memory);
    const language = createLanguageClient({
      serverModule: path.join(context.extensionPath, 'dist', 'server.js'),
      storage: context.globalStorageUri.fsPath,
    });
    const refresh = (): void => {
      runs.refresh();
      problems.refresh();
      void updateWelcome(repositories, contexts);
    };
    const services: Services = {
      repositories,
      log,
      memory,
      person,
      documents,
      refresh,
      onReport: () => {
        runs.refresh();
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
      new TreeFiles((top) => repositories.byPath(top)?.project),
      registerCommands(allCommands, services),
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
    this.api = { runs, lock, repositories, language, ready };
  }

  /** Stops work in order and releases what is held; a lock whose programs survive is left behind on purpose. */
  async close(): Promise<void> {
    const { known } = this.repositories;
    for (const { locks } of known) locks.stop(); // first, so that the end of a program is not taken for its result
    const gone = this.programs.endAll(END_MS);
    const closing = known.map(({ locks }) => locks.close(gone));
    await Promise.race([Promise.all(closing), new Promise((wake) => setTimeout(wake, CLOSE_MS))]);
  }
}
