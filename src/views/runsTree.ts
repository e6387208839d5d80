import * as path from 'node:path';
import * as vscode from 'vscode';
import { isRunId, type RunId } from '../core/artifacts/runIds';
import { FolderWatch } from '../core/util/folderWatch';
import { VIEWS } from '../ids';
import { Batch } from '../platform/batch';
import type { Repositories, Repository } from '../platform/repositories';
import { treeItem } from './items';
import { iterationNodes, type Node, type RepositoryNode, type RunNode, stepNodes } from './model';
import { NextRow } from './nextRow';
import { RunRows } from './runRows';

/** The least time between two looks at the disk, in ms, so that a busy process elsewhere costs this window little. */
const GAP_MS = 800;

/**
 * The *Runs* view: run → steps → iterations → artifacts. It reads the children of a row when the row expands, and tells
 * the editor of the rows that have changed.
 */
export class RunsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | Node[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  readonly view: vscode.TreeView<Node>;
  private readonly shown = new Map<Repository, Shown>();
  /** What the next look is for: single runs, by their folders, or everything. */
  private touched: Set<string> | 'all' = new Set();
  private readonly watch = new FolderWatch((folder) => {
    this.touch(folder);
  });
  private readonly batch = new Batch(() => this.look(), undefined, GAP_MS);
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly repositories: Repositories) {
    this.view = vscode.window.createTreeView(VIEWS.runs, { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.view,
      this.changed,
      this.watch,
      this.batch,
      repositories.onDidChange(() => {
        this.changed.fire(undefined);
      }),
      this.view.onDidExpandElement(({ element }) => {
        const folders = foldersOf(element);
        this.watch.add(folders);
        for (const folder of folders) this.touch(folder); // nobody watched them while the row was folded
      }),
      this.view.onDidCollapseElement(({ element }) => {
        this.watch.remove(foldersOf(element));
        for (const { next } of this.shown.values()) this.watch.add(next.folders);
      }),
      this.view.onDidChangeVisibility(({ visible }) => {
        if (visible) this.refresh();
      }),
    ];
  }

  /** Compares all rows with the disk after a short wait, once for many calls. */
  refresh(): void {
    this.touched = 'all';
    this.batch.note();
  }

  /** Shows one more page of runs. */
  showMore(top: string): void {
    for (const [repository, { rows, node }] of this.shown)
      if (repository.project.top === top) {
        rows.showMore();
        this.changed.fire(this.isOnly(repository) ? undefined : node);
      }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return treeItem(node, Date.now());
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!vscode.workspace.isTrusted) return [];
    if (!node) return this.roots();
    switch (node.kind) {
      case 'repository':
        return this.runsOf(node.repository);
      case 'run':
        return this.partsOf(node);
      case 'step':
        this.watch.add(foldersOf(node)); // again, because new iterations have folders too
        return [...iterationNodes(node), ...(await artifacts()).stepArtifacts(node)];
      case 'iteration':
        return (await artifacts()).artifactsOf(node);
      default:
        return [];
    }
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async roots(): Promise<Node[]> {
    const all = await this.repositories.all();
    for (const known of this.shown.keys()) if (!all.includes(known)) this.shown.delete(known);
    for (const { project } of all) this.watch.add([project.paths.runs]);
    const [only] = all;
    return only && all.length === 1 ? this.runsOf(only) : all.map((repository) => this.shownOf(repository).node);
  }

  private async runsOf(repository: Repository): Promise<Node[]> {
    const { node, rows, next } = this.shownOf(repository);
    const { runs, more } = await rows.page();
    const head = await next.read(runs);
    this.watch.add(next.folders);
    return [
      ...(head ? [head] : []),
      ...runs,
      ...(more ? [{ kind: 'more', repository, commandArgs: node.commandArgs } as const] : []),
    ];
  }

  private async partsOf(run: RunNode): Promise<Node[]> {
    const { steps } = await this.shownOf(run.repository).rows.unfold(run.runId);
    return [...(await (await artifacts()).runArtifacts(run)), ...stepNodes(run, steps)];
  }

  private shownOf(repository: Repository): Shown {
    let shown = this.shown.get(repository);
    if (!shown) {
      const node = { kind: 'repository', repository, commandArgs: { folder: repository.project.top } } as const;
      this.shown.set(repository, (shown = { node, rows: new RunRows(repository), next: new NextRow(repository) }));
    }
    return shown;
  }

  private isOnly(repository: Repository): boolean {
    return this.shown.size === 1 && this.shown.has(repository);
  }

  private touch(folder: string): void {
    if (this.repositories.known.some(({ project }) => project.paths.runs === folder)) this.touched = 'all';
    else if (this.touched !== 'all') this.touched.add(folder);
    this.batch.note();
  }

  private async look(): Promise<void> {
    const { touched } = this;
    this.touched = new Set();
    const found: Node[] = [];
    for (const [repository, { node, rows, next }] of this.shown) {
      const runs = touched === 'all' ? undefined : runsAt(repository, touched);
      const [changed, head] = [await rows.changed(runs), await next.changed(rows.nodes)];
      if ((!changed || !head) && this.isOnly(repository)) {
        this.changed.fire(undefined);
        return;
      }
      found.push(...(changed && head ? [...head, ...changed] : [node]));
    }
    if (found.length > 0) this.changed.fire(found);
  }
}

/** Loaded with the first unfolded row. */
const artifacts = () => import('./artifacts');

/** What is shown of a repository. */
interface Shown {
  readonly node: RepositoryNode;
  readonly rows: RunRows;
  readonly next: NextRow;
}

/** The runs of a repository that contain one of the folders. */
function runsAt({ project }: Repository, folders: ReadonlySet<string>): ReadonlySet<RunId> {
  const names = [...folders]
    .filter((folder) => folder.startsWith(project.paths.runs + path.sep))
    .map((folder) => path.relative(project.paths.runs, folder).split(path.sep)[0] ?? '');
  return new Set(names.filter(isRunId));
}

/** The folders whose changes affect the children of an expanded row. */
function foldersOf(node: Node): string[] {
  switch (node.kind) {
    case 'repository':
      return [node.repository.project.paths.runs];
    case 'run': {
      const run = node.repository.project.paths.run(node.runId);
      return [run.root, run.plan, run.research, run.steps];
    }
    case 'step': {
      // A collapsed iteration shows its phase too, and so will the next one from its first record on.
      const numbers = [...node.iterations.map(({ n }) => n), (node.iterations.at(-1)?.n ?? 0) + 1];
      return [node.paths.root, node.paths.iterations, ...numbers.map((n) => node.paths.iteration(n).root)];
    }
    default:
      return [];
  }
}
