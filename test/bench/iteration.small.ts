import { preventionFor } from '../../src/core/guard';
import type { Operation, Project } from '../../src/core/project';
import { commitRun } from '../../src/core/runs/commitRun';
import { restoreStep } from '../../src/core/steps/restoreStep';
import { bareCommit, bareIndex, bareRestore, timed } from './iteration.bare';
import { begin, iterations, type Middle, middle, operate } from './iteration.loop';
import { addRuns, bareGit, change, MANY_RUNS, makeRepository, RUNS, SMALL } from './iteration.repository';

/** An operation beside the bare commands that any tool needs for the same. */
export interface Operated {
  /** In ms, guests included. */
  readonly own: number;
  readonly least: number;
  /** Numbers of git starts. */
  readonly starts: number;
  readonly leastStarts: number;
}

/** The output of `iteration.measure.ts small`; null if guests cannot be shut in. */
export type Small = Readonly<Record<'alone' | 'beside' | 'besideMany', Middle>> &
  Readonly<Record<'restore' | 'commit', Operated>>;

/** @param open opens the repository; `info` gets a line for each program */
export async function small(
  top: string,
  open: (info: (line: string) => void) => Promise<Project>,
): Promise<Small | null> {
  makeRepository(top, SMALL);
  let starts = 0;
  const project = await open((line) => {
    if (line.startsWith('git ')) starts++;
  });
  const run = await begin(project);
  const prevention = await preventionFor(project);
  if (!prevention.ok || !prevention.nests) return null;
  const measured = async (): Promise<Middle> => middle(await iterations(project, run, SMALL, 'prevented'));
  const operated = async (body: (op: Operation) => Promise<unknown>, bare: () => number): Promise<Operated> => {
    let leastStarts = 0;
    const least = timed(() => {
      leastStarts = bare();
    });
    starts = 0;
    const begun = performance.now();
    await operate(project, run, body);
    return { own: performance.now() - begun, least, starts, leastStarts };
  };
  await measured(); // the first ones read code that the others have read
  const alone = await measured();
  addRuns(top, run, project.paths, RUNS);
  const beside = await measured();
  addRuns(top, run, project.paths, MANY_RUNS, RUNS);
  const besideMany = await measured();
  const index = bareIndex(top);
  const changed = change(top, SMALL);
  const tree = bareGit(top, ['rev-parse', 'HEAD^{tree}']);
  return {
    alone,
    beside,
    besideMany,
    restore: await operated(
      (op) => restoreStep(op, { run, step: 1, to: { iteration: 1 } }),
      () => bareRestore(top, index, tree, changed),
    ),
    commit: await operated(
      (op) => commitRun(op, { runId: run, message: 'Change', all: true, force: true }),
      () => bareCommit(top, index, changed),
    ),
  };
}
