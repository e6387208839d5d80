import { isStepKey, type RunId, type StepKey } from '../../artifacts/runIds';
import type { StepRecord } from '../../artifacts/schemas';
import type { Acceptance, AgentFilesRecord, IterationSeal, RunSeal, StepSeal } from '../../artifacts/sealSchemas';
import type { Oid } from '../../git/git';
import type { RunLock } from '../../lock/runLock';
import { WeldError } from '../../util/errors';
import { digestOf } from '../memory';
import { canonical, type Entry, extended, holds, readSeal, sealFile, writeSeal } from './chain';

/** The seals of one run, read once. Only the holder of the lock writes them, so they stay current. */
export class RunSeals {
  private constructor(
    private readonly file: string | null,
    private current: RunSeal | null,
    private readonly empty: RunSeal,
  ) {}

  /** @throws WeldError `DAMAGED_FILE` */
  static async read(project: { readonly top: string; readonly storage: string }, run: RunId): Promise<RunSeals> {
    const file = await sealFile(project, run);
    return new RunSeals(file, file === null ? null : await readSeal(file), {
      version: 1,
      run,
      repository: project.top,
      steps: {},
    });
  }

  /** False if the reader does not know where seals are: it then uses only the run's own files. */
  get known(): boolean {
    return this.file !== null;
  }

  get keys(): StepKey[] {
    return Object.keys(this.current?.steps ?? {}).filter(isStepKey);
  }

  of(key: StepKey): StepSeals {
    return new StepSeals(this, key);
  }

  read(key: StepKey): StepSeal | null {
    const steps = this.current?.steps ?? {};
    return Object.hasOwn(steps, key) ? (steps[key] ?? null) : null;
  }

  async write(lock: RunLock, key: StepKey, change: (step: StepSeal) => StepSeal): Promise<void> {
    if (this.file === null)
      throw new WeldError('INTERNAL', 'Run state was about to be written where its seals cannot be.');
    const before = this.current ?? this.empty;
    const next = { ...before, steps: { ...before.steps, [key]: change(this.read(key) ?? { iterations: {} }) } };
    await writeSeal(lock, this.file, next);
    this.current = next;
  }
}

/** The seals of one step: what this Weld has done with it. */
export class StepSeals {
  constructor(
    readonly run: RunSeals,
    private readonly key: StepKey,
  ) {}

  get known(): boolean {
    return this.run.known;
  }
  get base(): Oid | null {
    return this.run.read(this.key)?.base ?? null;
  }
  get record(): string | null {
    return this.run.read(this.key)?.record ?? null;
  }

  /** The iterations that this Weld began or a person accepted, ascending. */
  get numbers(): number[] {
    return Object.keys(this.run.read(this.key)?.iterations ?? {})
      .map(Number)
      .filter((n) => Number.isSafeInteger(n) && n > 0)
      .sort((a, b) => a - b);
  }

  iteration(n: number): IterationSeal | null {
    const iterations = this.run.read(this.key)?.iterations ?? {};
    return Object.hasOwn(iterations, n) ? (iterations[n] ?? null) : null;
  }

  /** The seal of an iteration; null if its chain is broken, because it then proves nothing. */
  whole(n: number): IterationSeal | null {
    const seal = this.iteration(n);
    return seal && holds(seal) ? seal : null;
  }

  /** ISO time at which the step began with its base, if this Weld sealed it. */
  get selectedAt(): string | null {
    return this.run.read(this.key)?.selected_at ?? null;
  }

  /** @param at ISO time of the selection; selecting the same base again keeps the earlier time */
  async begin(lock: RunLock, base: Oid, record: StepRecord, at: string): Promise<void> {
    await this.run.write(lock, this.key, (step) => ({
      ...step,
      base,
      selected_at: step.base === base ? (step.selected_at ?? at) : at,
      record: recordDigest(record),
    }));
  }

  /** Seals a new text of the step. It comes from the plan, which is the person's. */
  async amend(lock: RunLock, record: StepRecord): Promise<void> {
    await this.run.write(lock, this.key, (step) => ({ ...step, record: recordDigest(record) }));
  }

  /** The files that configure agents, as last trusted. */
  get agentFiles(): AgentFilesRecord | null {
    return this.run.read(this.key)?.agent_files ?? null;
  }

  async trust(lock: RunLock, agentFiles: AgentFilesRecord): Promise<void> {
    if (canonical(agentFiles) === canonical(this.agentFiles)) return;
    await this.run.write(lock, this.key, (step) => ({ ...step, agent_files: agentFiles }));
  }

  /** Runs before the trees of a step are deleted: the next selection begins anew. */
  async end(lock: RunLock): Promise<void> {
    if (this.base !== null) await this.run.write(lock, this.key, (step) => ({ ...step, base: null }));
  }

  async seal(lock: RunLock, n: number, entry: Entry): Promise<void> {
    await this.change(lock, n, (iteration) => extended(iteration && holds(iteration) ? iteration : null, entry));
  }

  async accept(lock: RunLock, n: number, accepted: Acceptance): Promise<void> {
    await this.change(lock, n, (iteration) => ({ chain: [], ...iteration, accepted }));
  }

  /** Removes the acceptance; if nothing else of the iteration was sealed, its whole seal goes. */
  async unaccept(lock: RunLock, n: number): Promise<void> {
    const own = this.iteration(n)?.progress;
    await this.run.write(lock, this.key, (step) => ({
      ...step,
      iterations: Object.fromEntries(
        Object.entries(step.iterations).flatMap(([name, seal]) =>
          Number(name) !== n ? [[name, seal]] : own ? [[name, { ...seal, accepted: null }]] : [],
        ),
      ),
    }));
  }

  private async change(
    lock: RunLock,
    n: number,
    next: (iteration: IterationSeal | null) => IterationSeal,
  ): Promise<void> {
    await this.run.write(lock, this.key, (step) => ({
      ...step,
      iterations: { ...step.iterations, [n]: next(this.iteration(n)) },
    }));
  }
}

/** sha256 of the text of a step's record; the formatting of the file does not matter. */
export function recordDigest({ title, body_md, acceptance_criteria, tests }: StepRecord): string {
  return digestOf(canonical([title, body_md, acceptance_criteria, tests]));
}
