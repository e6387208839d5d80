import * as vscode from 'vscode';
import { FolderWatch } from '../core/util/folderWatch';
import { VIEWS } from '../ids';
import { Batch } from '../platform/batch';
import type { Repositories, Repository } from '../platform/repositories';
import { artifactsOf, runArtifacts, stepArtifacts } from './artifacts';
import { treeItem } from './items';
import { iterationNodes, type Node, readRuns, readSteps } from './model';

/** Number of runs in a page; people mostly look at the newest runs. */
const PAGE = 50;

/** The *Runs* view: run → steps → iterations → artifacts. It reads the children of a row when the row expands. */
export class RunsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  readonly view: vscode.TreeView<Node>;
  private readonly shown = new Map<string, number>();
  private readonly watch = new FolderWatch(() => {
    this.batch.note();
  });
  private readonly batch = new Batch(() => {
    this.changed.fire(undefined);
  });
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly repositories: Repositories) {
    this.view = vscode.window.createTreeView(VIEWS.runs, { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.view,
      this.changed,
      this.watch,
      this.batch,
      repositories.onDidChange(() => {
        this.refresh();
      }),
      this.view.onDidExpandElement(({ element }) => {
        this.watch.add(foldersOf(element));
      }),
      this.view.onDidCollapseElement(({ element }) => {
        this.watch.remove(foldersOf(element));
      }),
      this.view.onDidChangeVisibility(({ visible }) => {
        if (visible) this.refresh();
      }),
    ];
  }

  /** Reads the disk again after a short wait, once for many calls. */
  refresh(): void {
    this.batch.note();
  }

  /** Shows one more page of runs. */
  showMore(top: string): void {
    this.shown.set(top, (this.shown.get(top) ?? PAGE) + PAGE);
    this.changed.fire(undefined);
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
        return [...(await runArtifacts(node)), ...(await readSteps(node))];
      case 'step':
        this.watch.add(foldersOf(node)); // again, because new iterations have folders too
        return [...iterationNodes(node), ...stepArtifacts(node)];
      case 'iteration':
        return artifactsOf(node);
      default:
        return [];
    }
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async roots(): Promise<Node[]> {
    const all = await this.repositories.all();
    for (const { project } of all) this.watch.add([project.paths.runs]);
    const [only] = all;
    if (only && all.length === 1) return this.runsOf(only);
    return all.map((repository) => ({
      kind: 'repository',
      repository,
      commandArgs: { folder: repository.project.top },
    }));
  }

  private async runsOf(repository: Repository): Promise<Node[]> {
    const { top } = repository.project;
    const { runs, more } = await readRuns(repository, this.shown.get(top) ?? PAGE);
    return more ? [...runs, { kind: 'more', repository, commandArgs: { folder: top } }] : [...runs];
  }
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
