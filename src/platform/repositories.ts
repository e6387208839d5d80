import * as path from 'node:path';
import * as vscode from 'vscode';
import { standsIn } from '../core/artifacts/inside';
import type { Programs } from '../core/process/ports';
import type { Project } from '../core/project';
import type { ShownRuns } from '../core/runs/shownRuns';
import { reason, WeldError } from '../core/util/errors';
import type { Logger } from '../core/util/logger';
import { ErrorWithChoice } from './invoke';
import { LockService } from './lockService';
import { assertTrusted } from './window';

/** A git repository that contains an open folder. Two folders of one repository share it and its lock. */
export interface Repository {
  readonly project: Project;
  readonly locks: LockService;
  readonly runs: ShownRuns;
  /** The name that people see. */
  readonly name: string;
}

/** Opens the repository of each workspace folder once. The active folder follows the active editor. */
export class Repositories implements vscode.Disposable {
  private readonly byFolder = new Map<string, Promise<Repository>>();
  private readonly byTop = new Map<string, Repository>();
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when the set of repositories or the active folder changes. */
  readonly onDidChange = this.changed.event;
  private readonly opened = new vscode.EventEmitter<Repository>();
  readonly onDidOpen = this.opened.event;
  private activeFolder: string | undefined;
  /** The last logged reason why a folder has no repository. Folders are checked often; each reason is logged once. */
  private readonly logged = new Map<string, string>();
  private readonly subscriptions: vscode.Disposable[];
  private readonly gitWatch = new GitWatch(() => {
    this.retry();
  });

  constructor(
    private readonly programs: () => Promise<Programs>,
    private readonly log: Logger,
    private readonly storage: string,
  ) {
    this.follow(vscode.window.activeTextEditor);
    this.gitWatch.follow(this.folders);
    this.subscriptions = [
      this.gitWatch,
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        this.follow(editor);
      }),
      vscode.workspace.onDidChangeWorkspaceFolders((event) => {
        this.forget(event.removed);
        this.gitWatch.follow(this.folders);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.retry();
      }),
    ];
  }

  /** The default folder of commands: the active editor's, else the first. */
  get folder(): vscode.WorkspaceFolder | undefined {
    const folders = this.folders;
    return folders.find((folder) => folder.uri.toString() === this.activeFolder) ?? folders[0];
  }

  /** True while no editor has shown in which folder the person works. */
  get undecided(): boolean {
    return this.folders.every((folder) => folder.uri.toString() !== this.activeFolder);
  }

  /** Folders on this machine's disk; Weld cannot use virtual ones. */
  get folders(): readonly vscode.WorkspaceFolder[] {
    return (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  }

  /**
   * @param named an open folder's path, URI or name, or a path inside it or its repository; default: the active folder
   * @throws WeldError `UNTRUSTED`, `NOT_A_REPOSITORY`, `INVALID_ARGUMENT`, and the errors of `openProject`
   */
  async resolve(named?: string): Promise<Repository> {
    assertTrusted();
    const folder = named === undefined ? this.folder : this.find(named);
    if (!folder) {
      if (named !== undefined)
        throw new WeldError(
          'INVALID_ARGUMENT',
          `No open folder is or contains "${named}"; name one of this window's folders.`,
        );
      throw new ErrorWithChoice(
        'NOT_A_REPOSITORY',
        'No folder is open; open a folder of a git repository and try again.',
        { title: 'Open Folder', run: () => vscode.commands.executeCommand('vscode.openFolder') },
      );
    }
    const id = folder.uri.toString();
    let opening = this.byFolder.get(id);
    if (!opening) {
      opening = this.open(folder);
      this.byFolder.set(id, opening);
      opening.then(
        () => this.logged.delete(id),
        (error: unknown) => {
          this.byFolder.delete(id); // `git init` may follow
          this.logReason(folder, error);
        },
      );
    }
    return opening;
  }

  /** Every repository of this window that can be opened, in folder order, without duplicates. */
  async all(): Promise<readonly Repository[]> {
    const settled = await Promise.allSettled(this.folders.map((folder) => this.resolve(folder.uri.fsPath)));
    return [...new Set(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))];
  }

  /** The repositories that are open now; it does not search for more. */
  get known(): readonly Repository[] {
    return [...this.byTop.values()];
  }

  byPath(top: string): Repository | undefined {
    return this.byTop.get(top);
  }

  /** Makes listeners check the folders without a repository again. */
  retry(): void {
    this.changed.fire();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const repository of this.byTop.values()) repository.locks.dispose();
    this.changed.dispose();
    this.opened.dispose();
  }

  /** @param file absolute path @returns whether an open folder or its repository contains it */
  holds(file: string): boolean {
    return this.find(file) !== undefined;
  }

  private find(named: string): vscode.WorkspaceFolder | undefined {
    const wanted = named.startsWith('file:')
      ? vscode.Uri.parse(named).fsPath
      : path.isAbsolute(named)
        ? path.resolve(named)
        : undefined;
    if (wanted === undefined) return this.folders.find((folder) => folder.name === named);
    const holds = (folder: vscode.WorkspaceFolder): boolean => standsIn(folder.uri.fsPath, wanted);
    const deepest = this.folders.filter(holds).sort((a, b) => b.uri.fsPath.length - a.uri.fsPath.length)[0];
    if (deepest) return deepest;
    const repository = this.known
      .filter(({ project }) => standsIn(project.top, wanted))
      .sort((a, b) => b.project.top.length - a.project.top.length)[0];
    return repository && this.folders.find((folder) => standsIn(repository.project.top, folder.uri.fsPath));
  }

  private async open(folder: vscode.WorkspaceFolder): Promise<Repository> {
    // Loaded here, because a window without a trusted folder needs none of it.
    const [{ openProject }, { ShownRuns }] = await Promise.all([
      import('../core/openProject'),
      import('../core/runs/shownRuns'),
    ]);
    const project = await openProject(folder.uri.fsPath, {
      programs: await this.programs(),
      log: this.log,
      storage: this.storage,
    });
    const known = this.byTop.get(project.top);
    if (known) return known;
    const repository: Repository = {
      project,
      locks: new LockService(project),
      runs: new ShownRuns(project),
      name: folder.uri.fsPath === project.top ? folder.name : path.basename(project.top),
    };
    this.byTop.set(project.top, repository);
    this.opened.fire(repository);
    return repository;
  }

  private logReason(folder: vscode.WorkspaceFolder, error: unknown): void {
    const why = reason(error);
    if (this.logged.get(folder.uri.toString()) === why) return;
    this.logged.set(folder.uri.toString(), why);
    this.log.warn(`${folder.name}: ${why}`);
  }

  private follow(editor: vscode.TextEditor | undefined): void {
    const folder = editor && vscode.workspace.getWorkspaceFolder(editor.document.uri);
    if (!folder || folder.uri.toString() === this.activeFolder) return;
    this.activeFolder = folder.uri.toString();
    this.changed.fire();
  }

  private forget(removed: readonly vscode.WorkspaceFolder[]): void {
    for (const folder of removed) this.byFolder.delete(folder.uri.toString());
    const kept = this.folders.map((folder) => folder.uri.fsPath);
    for (const [top, repository] of this.byTop)
      if (!kept.some((folder) => standsIn(top, folder) || standsIn(folder, top))) {
        this.byTop.delete(top);
        repository.locks.dispose();
      }
    this.changed.fire();
  }
}

/** Reports when an open folder becomes a git repository. */
export class GitWatch implements vscode.Disposable {
  private readonly watches = new Map<string, vscode.Disposable>();

  constructor(private readonly onRepository: () => void) {}

  /** Watches these folders and no others. */
  follow(folders: readonly vscode.WorkspaceFolder[]): void {
    const wanted = new Map(folders.map((folder) => [folder.uri.toString(), folder]));
    for (const [id, watch] of this.watches)
      if (!wanted.has(id)) {
        watch.dispose();
        this.watches.delete(id);
      }
    for (const [id, folder] of wanted) if (!this.watches.has(id)) this.watches.set(id, this.watch(folder));
  }

  dispose(): void {
    for (const watch of this.watches.values()) watch.dispose();
    this.watches.clear();
  }

  private watch(folder: vscode.WorkspaceFolder): vscode.Disposable {
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(folder, '.git'),
      false,
      true,
      true,
    );
    return vscode.Disposable.from(
      watcher,
      watcher.onDidCreate(() => {
        this.onRepository();
      }),
    );
  }
}
