import { WeldPaths } from '../core/artifacts/paths';
import type { RunId } from '../core/artifacts/runIds';
import { type Issue, IssuesFileSchema, StepRecordSchema } from '../core/artifacts/schemas';
import { readRecord } from '../core/artifacts/store';
import { loadConfig } from '../core/config';
import type { Git } from '../core/git/git';
import { inspectLock } from '../core/lock';
import type { LockState } from '../core/lock/runLock';
import type { Programs } from '../core/process/ports';
import type { Project } from '../core/project';
import { planInForce } from '../core/steps/planInForce';
import { listSteps } from '../core/steps/state/read';
import type { StepState } from '../core/steps/state/states';
import { WeldError } from '../core/util/errors';
import { FolderWatch } from '../core/util/folderWatch';
import { silentLogger } from '../core/util/logger';

/** Delay after a file event, so that one burst of writes causes one read. In ms. */
const SETTLE_MS = 80;
/** Interval between reads of the lock: no file event says that its holder has died. In ms. */
const LOCK_POLL_MS = 1_000;
/** Maximum number of watched folders per run. The client's own file events cover the rest. */
const MAX_WATCHES = 400;

/** The runs whose plans are open. Each is read once and after file events, and dropped when its documents close. */
export class RunViews {
  private readonly runs = new Map<string, WatchedRun>();

  /**
   * @param changed called when something that a plan shows has changed
   * @param storage absolute path of the folder with the seals, as the client names it
   */
  constructor(
    private readonly changed: () => void,
    private readonly storage: () => string,
  ) {}

  view(paths: WeldPaths, run: RunId): Promise<RunView> {
    const key = paths.run(run).root;
    let watched = this.runs.get(key);
    if (watched === undefined) this.runs.set(key, (watched = new WatchedRun(paths, run, this.changed, this.storage)));
    return watched.view();
  }

  /** Handles a file event of the client. @param file absolute path */
  touched(file: string): void {
    for (const [root, run] of this.runs) if (file.startsWith(root) || run.concerns(file)) run.look();
  }

  /** Drops every run except these. @param roots absolute paths of run folders */
  keep(roots: ReadonlySet<string>): void {
    for (const [root, run] of this.runs) {
      if (roots.has(root)) continue;
      run.dispose();
      this.runs.delete(root);
    }
  }
}

class WatchedRun {
  private current: Promise<RunView>;
  private disposed = false;
  private shown = '';
  private timer: NodeJS.Timeout | undefined;
  private readonly poll: NodeJS.Timeout;
  private readonly watches = new FolderWatch(() => {
    this.look();
  });
  private lock = '';

  constructor(
    private readonly paths: WeldPaths,
    private readonly run: RunId,
    private readonly changed: () => void,
    private readonly storage: () => string,
  ) {
    this.current = this.read();
    this.poll = setInterval(() => {
      void this.lookAtLock();
    }, LOCK_POLL_MS);
    this.poll.unref();
  }

  view(): Promise<RunView> {
    return this.current;
  }

  concerns(file: string): boolean {
    return file === this.paths.activeLock || file === this.paths.config;
  }

  look(): void {
    this.timer ??= setTimeout(() => {
      void this.readAgain();
    }, SETTLE_MS);
    this.timer.unref();
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    clearInterval(this.poll);
    this.watches.dispose();
  }

  /** Reads one at a time, so that an older result never replaces a newer one and no folder is watched twice. */
  private async readAgain(): Promise<void> {
    await this.current;
    this.timer = undefined;
    if (this.disposed) return;
    const before = this.shown;
    this.current = this.read();
    await this.current;
    if (this.shown !== before) this.changed();
  }

  private async read(): Promise<RunView> {
    const view = await readRunView(this.paths, this.run, this.storage());
    if (this.disposed) return view;
    this.shown = JSON.stringify([
      [...view.steps.values()],
      [...view.reviews],
      view.planFile,
      view.maxIterations,
      lockKey(view.lock),
    ]);
    this.lock = lockKey(view.lock);
    this.watch(view);
    return view;
  }

  /** Compares the holder only: a heartbeat changes the file, but nothing that is shown. */
  private async lookAtLock(): Promise<void> {
    const lock = await inspectLock(this.paths.root).catch(() => null);
    if (lock !== null && lockKey(lock) !== this.lock && !this.disposed) this.look();
  }

  /** Watches, without subfolders, the folders in which a loop creates and replaces files; newest steps first. */
  private watch(view: RunView): void {
    const run = this.paths.run(this.run);
    const newest = [...view.steps.values()].toSorted((a, b) =>
      (b.iterations.at(-1)?.updatedAt ?? '').localeCompare(a.iterations.at(-1)?.updatedAt ?? ''),
    );
    const folders = [
      run.root,
      run.plan,
      run.steps,
      ...newest.flatMap((state) => {
        const step = run.step(state.key);
        return [step.root, step.iterations, ...state.iterations.slice(-1).map(({ n }) => step.iteration(n).root)];
      }),
    ].slice(0, MAX_WATCHES);
    this.watches.keep(folders);
  }
}

const lockKey = (lock: RunView['lock']): string =>
  'holder' in lock ? `${lock.kind}:${lock.holder.token ?? lock.holder.pid}:${lock.holder.command}` : lock.kind;

/** The latest iteration of a step that has a review. */
export interface LatestReview {
  readonly iteration: number;
  readonly issues: readonly Issue[];
  /** The acceptance criteria that the reviewer was given, in the order in which issues number them. */
  readonly criteria: readonly string[];
  /** Absolute path of the `issues.json` of that iteration. */
  readonly file: string;
}

/** What a plan shows of its run. */
export interface RunView {
  /** By step number. Of steps with the same number, the first. */
  readonly steps: ReadonlyMap<number, StepState>;
  readonly reviews: ReadonlyMap<number, LatestReview>;
  readonly lock: LockState;
  /** Absolute path of the current plan. */
  readonly planFile: string | null;
  readonly maxIterations: number;
}

/** Reads small files only. Leaves out damaged records: the Runs view reports them. */
export async function readRunView(paths: WeldPaths, run: RunId, storage: string): Promise<RunView> {
  const project = readOnlyProject(paths.top, storage);
  const [states, lock, plan, config] = await Promise.all([
    listSteps(project, run).catch((): StepState[] => []),
    inspectLock(paths.root).catch((): LockState => ({ kind: 'unreadable', why: 'it cannot be looked at' })),
    planInForce(project, run).catch(() => null),
    project.config().catch(() => null),
  ]);
  const steps = new Map<number, StepState>();
  for (const state of states) if (!steps.has(state.n)) steps.set(state.n, state);
  const reviews = new Map<number, LatestReview>();
  await Promise.all(
    [...steps.values()].map(async (state) => {
      const step = paths.run(run).step(state.key);
      for (const iteration of state.iterations.toReversed()) {
        const file = step.iteration(iteration.n).issues;
        const record = await readRecord(file, IssuesFileSchema).catch(() => null);
        if (record === null) continue;
        // Once a step has an iteration, changes of the plan no longer change its record.
        const own = await readRecord(step.record, StepRecordSchema).catch(() => null);
        reviews.set(state.n, {
          iteration: iteration.n,
          issues: record.issues,
          criteria: own?.acceptance_criteria ?? [],
          file,
        });
        return;
      }
    }),
  );
  return { steps, reviews, lock, planFile: plan?.file ?? null, maxIterations: config?.config.loop.max_iterations ?? 5 };
}

/**
 * A project for reading only: anything that would start a program throws, so the server is safe in an untrusted
 * workspace.
 * @param storage absolute path of the folder with the seals; empty when the client names none, and states then come
 *   from the run's own files alone
 */
export function readOnlyProject(top: string, storage: string): Project {
  const paths = new WeldPaths(top);
  return {
    top,
    paths,
    git: refusing<Git>({ top }),
    programs: refusing<Programs>({}),
    storage,
    log: silentLogger,
    config: () => loadConfig(paths.config),
    agent: () => Promise.reject(refusal()),
    now: () => new Date(),
  };
}

function refusing<T extends object>(known: Partial<T>): T {
  return new Proxy(known, {
    get(target, key): unknown {
      if (key in target) return target[key as keyof typeof target];
      throw refusal();
    },
  }) as T;
}

const refusal = (): WeldError => new WeldError('INTERNAL', 'The language server reads files and starts no programs.');
