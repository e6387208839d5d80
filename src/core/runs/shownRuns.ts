import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import type { IterationPaths, RunPaths, StepPaths } from '../artifacts/paths';
import type { RunId } from '../artifacts/runIds';
import type { Meta } from '../artifacts/schemas';
import type { Project } from '../project';
import { digestOf } from '../steps/memory';
import { stepFolders } from '../steps/resolveStep';
import { sealFile } from '../steps/seals/chain';
import { readIteration } from '../steps/state/iteration';
import type { ReadIteration } from '../steps/state/read';
import type { IterationState } from '../steps/state/states';
import { KeptByStat, type Look } from '../util/keptByStat';
import { isFinished, listRunIds, type RunWithSteps, readWithSteps, summaryOf } from './listRuns';
import { type Next, nextStep } from './nextStep';

/** One row of the list of runs. */
export interface RunRow {
  readonly id: RunId;
  readonly state: 'open' | 'finished' | 'abandoned' | 'damaged';
  /** The Unix time of the last work on it, in ms; NaN if damaged. */
  readonly at: number;
  /** Number of commits. */
  readonly commits: number;
  /** What is damaged, as a sentence that names the file. */
  readonly why: string;
}

/** More rows than a person pages through. */
const MOST_ROWS = 20_000;
/** Of all runs of a page; of a longer loop, some are read again. */
const MOST_ITERATIONS = 2_000;
/** Unfolded runs have plans and steps in memory. */
const MOST_RUNS = 64;

/**
 * The runs of one repository as views show them. Each is read again only when its files look different, so an unchanged
 * row or run is the same object as before. For display only: what decides reads the files.
 */
export class ShownRuns {
  private readonly lists = new KeptByStat<readonly RunId[]>(1);
  private readonly rows = new KeptByStat<RunRow>(MOST_ROWS);
  private readonly runs = new KeptByStat<RunWithSteps>(MOST_RUNS);
  private readonly iterations = new KeptByStat<IterationState>(MOST_ITERATIONS);
  private readonly nexts = new KeptByStat<Next>(MOST_RUNS);
  private seals: Promise<string | null> | undefined;

  constructor(private readonly project: Project) {}

  /** The ids of all runs, newest first. @throws WeldError `DAMAGED_FILE` */
  ids(): Promise<readonly RunId[]> {
    return this.lists.get('', (look) => {
      look.note(this.project.paths.runs);
      return listRunIds(this.project);
    });
  }

  /** A damaged run has a row too. */
  row(id: RunId): Promise<RunRow> {
    return this.rows.get(id, async (look) => {
      look.note(this.project.paths.run(id).meta);
      const found = await summaryOf(this.project, id);
      if (found.kind === 'damaged') return { id, state: 'damaged', at: Number.NaN, commits: 0, why: found.why };
      const { abandoned, updated_at, commits } = found.meta;
      return {
        id,
        state: abandoned ? 'abandoned' : (await this.finished(id, found.meta, look)) ? 'finished' : 'open',
        at: Date.parse(updated_at),
        commits: commits.length,
        why: '',
      };
    });
  }

  /** @throws WeldError `RUN_NOT_FOUND`, `DAMAGED_FILE` */
  run(id: RunId): Promise<RunWithSteps> {
    return this.runs.get(id, async (look) => {
      await this.noteSteps(id, look);
      return readWithSteps(this.project, id, this.readIteration);
    });
  }

  /** What comes next in a run. @throws as `run` */
  next(id: RunId): Promise<Next> {
    return this.nexts.get(id, async (look) => {
      const run = this.project.paths.run(id);
      await this.noteSteps(id, look);
      look.note(run.researchPrompt, run.researchAnswer, run.reviewOutput);
      return nextStep(this.project, id);
    });
  }

  private async finished(id: RunId, meta: Meta, look: Look): Promise<boolean> {
    if (meta.commits.length === 0) return false; // the steps need no look
    await this.noteSteps(id, look);
    return isFinished(this.project, { id, meta }, this.readIteration);
  }

  /** A change of one iteration leaves the others kept. What is sealed of it is part of the key, not of its files. */
  private readonly readIteration: ReadIteration = (step, n) => {
    const paths = step.paths.iteration(n);
    const sealed = digestOf(JSON.stringify([step.seals.known, step.seals.iteration(n)]));
    return this.iterations.get(`${paths.root} ${sealed}`, (look) => {
      look.note(...partsOfIteration(paths));
      return readIteration(step, n);
    });
  };

  /** Notes everything that the steps of a run and their files depend on, each folder before it is listed. */
  private async noteSteps(id: RunId, look: Look): Promise<void> {
    const run = this.project.paths.run(id);
    look.note(...partsOfRun(run));
    this.seals ??= sealFile(this.project, id).then((file) => file && path.dirname(file));
    const seals = await this.seals;
    if (seals !== null) look.note(path.join(seals, `${id}.json`));
    for (const key of await stepFolders(run)) {
      const step = run.step(key);
      look.note(...partsOfStep(step));
      for (const name of await readdir(step.iterations).catch((): string[] => []))
        if (/^\d{2,9}$/u.test(name)) look.note(...partsOfIteration(step.iteration(Number(name))));
    }
  }
}

/** A folder stands for the names in it. */
const partsOfRun = (run: RunPaths): readonly string[] => [
  run.root,
  run.meta,
  path.dirname(run.specRef),
  run.specRef,
  run.research,
  run.plan,
  run.planFinal,
  run.planRaw,
  run.steps,
  path.dirname(run.commitMessage),
];

const partsOfStep = (step: StepPaths): readonly string[] => [
  step.root,
  step.record,
  step.restored,
  path.dirname(step.implPrompt),
  step.iterations,
];

const partsOfIteration = (iteration: IterationPaths): readonly string[] => [
  iteration.root,
  iteration.progress,
  iteration.timing,
  iteration.diff,
  iteration.checksSummary,
  path.dirname(iteration.check('any')),
  iteration.review,
  iteration.issues,
  iteration.status,
];
