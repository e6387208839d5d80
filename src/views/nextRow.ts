import type { Next } from '../core/runs/nextStep';
import type { Repository } from '../platform/repositories';
import type { NextNode, RunNode } from './model';

/** The first row of the view: what comes next in the run that was last worked on, so that no notification is needed. */
export class NextRow {
  private node: NextNode | null = null;
  private next: Next | null = null;

  constructor(private readonly repository: Repository) {}

  /** The folders whose changes affect the row, whether or not its run is unfolded. */
  get folders(): readonly string[] {
    if (!this.node) return [];
    const run = this.repository.project.paths.run(this.node.runId);
    return [run.root, run.plan, run.research, run.steps];
  }

  /** @param runs the shown rows @returns null when nothing is open, and while somebody works on the run */
  async read(runs: readonly RunNode[]): Promise<NextNode | null> {
    const run = this.current(runs);
    const next = run && (await this.repository.runs.next(run.runId).catch(() => null));
    if (!run || !next || next.kind === 'done') {
      this.node = null;
      this.next = null;
      return null;
    }
    if (this.next === next && this.node?.runId === run.runId) return this.node;
    const { repository, runId, name, commandArgs } = run;
    const node: NextNode = { kind: 'next', repository, runId, name, message: next.message, commandArgs };
    this.next = next;
    // The editor knows a row by its object.
    this.node = this.node ? Object.assign(this.node, node) : node;
    return this.node;
  }

  /** @returns the row to show anew, if it says something else; null when it has to come or go */
  async changed(runs: readonly RunNode[]): Promise<readonly NextNode[] | null> {
    const [before, said] = [this.node, this.next];
    const now = await this.read(runs);
    if ((now === null) !== (before === null)) return null;
    return now === null || this.next === said ? [] : [now];
  }

  private current(runs: readonly RunNode[]): RunNode | undefined {
    const { view } = this.repository.locks;
    const open = runs.filter((run) => run.state === 'open');
    const latest = open.reduce<RunNode | undefined>((best, run) => (best && best.at >= run.at ? best : run), undefined);
    return view.kind === 'held' && view.holder.run_id === latest?.runId ? undefined : latest;
  }
}
