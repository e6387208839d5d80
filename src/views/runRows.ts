import type { RunId } from '../core/artifacts/runIds';
import type { RunWithSteps } from '../core/runs/listRuns';
import type { RunRow } from '../core/runs/shownRuns';
import type { Repository } from '../platform/repositories';
import { ago } from '../ui/format';
import { type RunNode, runNode, type Work, workedOn } from './model';

/** Number of runs in a page; people mostly look at the newest runs. */
export const PAGE = 50;

/** What the view was last told about a run. */
interface Shown {
  /** One object for as long as the row is shown, because the editor knows a row by it. */
  readonly node: RunNode;
  readonly row: RunRow;
  readonly age: string;
  /** Undefined before the row was unfolded for the first time; null when that failed. */
  state: RunWithSteps | null | undefined;
}

/** The shown rows of one repository's runs. Finds out which of them a change concerns. */
export class RunRows {
  private shown: ReadonlyMap<RunId, Shown> = new Map<RunId, Shown>();
  private more = false;
  private limit = PAGE;
  private work: Work | undefined;

  /** @param now Unix time in ms */
  constructor(
    private readonly repository: Repository,
    private readonly now: () => number = Date.now,
  ) {}

  /** Adds one more page to what `page` returns. */
  showMore(): void {
    this.limit += PAGE;
  }

  /** Reads the rows of the newest runs. @returns them, and whether there are older ones */
  async page(): Promise<{ readonly runs: readonly RunNode[]; readonly more: boolean }> {
    const ids = await this.repository.runs.ids();
    const shown = await Promise.all(
      ids.slice(0, this.limit).map(async (id) => [id, await this.read(id, this.shown.get(id))] as const),
    );
    this.shown = new Map(shown);
    this.more = ids.length > this.limit;
    return { runs: shown.map(([, { node }]) => node), more: this.more };
  }

  /** The rows as `page` last returned them, with what has changed since. */
  get nodes(): readonly RunNode[] {
    return [...this.shown.values()].map(({ node }) => node);
  }

  /** Reads a run for its children. @throws what `ShownRuns.run` throws */
  async unfold(id: RunId): Promise<RunWithSteps> {
    const state = await this.repository.runs.run(id).catch((error: unknown) => {
      this.note(id, null);
      throw error;
    });
    this.note(id, state);
    return state;
  }

  /**
   * Compares what is shown with the disk and brings the rows that differ up to date.
   * @param touched the runs to compare; by default all, and whether they are still the newest
   * @returns the rows that have changed, in them or below; null when the list itself has changed
   */
  async changed(touched?: ReadonlySet<RunId>): Promise<readonly RunNode[] | null> {
    if (!touched && (await this.isAnotherList())) return null;
    const working = this.workMoved();
    const found: RunNode[] = [];
    for (const [id, before] of this.shown) {
      if (touched && !touched.has(id) && !working.has(id)) continue;
      const after = await this.read(id, before);
      if (isSame(before, after) && !working.has(id)) continue;
      found.push(after.node);
      if (this.shown.get(id) === before) this.shown = new Map(this.shown).set(id, after);
    }
    return found;
  }

  private async isAnotherList(): Promise<boolean> {
    const ids = await this.repository.runs.ids();
    const newest = ids.slice(0, this.limit);
    const shown = [...this.shown.keys()];
    return (
      ids.length > this.limit !== this.more ||
      newest.length !== shown.length ||
      newest.some((id, at) => id !== shown[at])
    );
  }

  private async read(id: RunId, before: Shown | undefined): Promise<Shown> {
    const { runs } = this.repository;
    const row = await runs.row(id);
    const state = before?.state === undefined ? undefined : await runs.run(id).catch(() => null);
    const node = before?.node ?? runNode(this.repository, row);
    if (before && before.row !== row) Object.assign(node, runNode(this.repository, row));
    return { node, row, state, age: ago(row.at, this.now()) };
  }

  private note(id: RunId, state: RunWithSteps | null): void {
    const shown = this.shown.get(id);
    if (shown) shown.state = state;
  }

  /** The runs of which a step has begun or ceased to be worked on since the last call. */
  private workMoved(): ReadonlySet<string> {
    const before = this.work;
    this.work = workedOn(this.repository.locks);
    if (before?.runId === this.work?.runId && before?.step === this.work?.step) return new Set();
    return new Set([before?.runId, this.work?.runId].filter((id) => id !== undefined));
  }
}

function isSame(before: Shown, after: Shown): boolean {
  return before.row === after.row && before.age === after.age && before.state === after.state;
}
